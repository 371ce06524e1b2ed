"""The VIHF of a caller of the sandbox, signed by a library nobody here wrote (signxml), as a zeep WSSE plugin.

An editor who writes in Python can start from this file: identity.toml and the PEM files of a folder of
`dmp lps sandbox` are all it reads.
"""

import datetime
import tomllib
import uuid
from pathlib import Path

from cryptography import x509
from lxml import etree
from signxml import XMLSigner, methods

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
HL7 = "urn:hl7-org:v3"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PROFESSIONS = "1.2.250.1.71.1.2.7"
SPECIALITIES = "1.2.250.1.71.4.2.5"


class Vihf:
    """What zeep calls for each message: puts a fresh assertion into `wsse:Security`."""

    def __init__(self, folder, ins, purpose="normal"):
        folder = Path(folder)
        self.who = tomllib.loads((folder / "identity.toml").read_text())
        self.certificate = (folder / "signature.pem").read_bytes()
        self.key = (folder / "signature.key").read_bytes()
        self.ins = ins
        self.purpose = purpose

    def apply(self, envelope, headers):
        soap = etree.QName(envelope).namespace
        header = envelope.find(f"{{{soap}}}Header")
        if header is None:
            header = etree.Element(f"{{{soap}}}Header")
            envelope.insert(0, header)
        etree.SubElement(header, f"{{{WSSE}}}Security").append(self.signed())
        return envelope, headers

    def verify(self, envelope):
        """Answers are not signed: TLS vouches for them."""
        return envelope

    def signed(self):
        assertion = self.assertion()
        signer = XMLSigner(
            method=methods.enveloped,
            signature_algorithm="rsa-sha256" if b"RSA" in self.key or self.is_rsa() else "ecdsa-sha256",
            digest_algorithm="sha256",
            c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#",
        )
        return signer.sign(
            assertion, key=self.key, cert=self.certificate.decode(), reference_uri="#" + assertion.get("ID")
        )

    def is_rsa(self):
        return "RSA" in type(x509.load_pem_x509_certificate(self.certificate).public_key()).__name__

    def assertion(self):
        who, person = self.who, self.who["person"]
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        root = etree.Element(
            f"{{{SAML}}}Assertion",
            nsmap={"saml2": SAML, "xsi": XSI},
            ID="_" + str(uuid.uuid4()),
            IssueInstant=now,
            Version="2.0",
        )
        issuer = etree.SubElement(
            root, f"{{{SAML}}}Issuer", Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
        )
        issuer.text = x509.load_pem_x509_certificate(self.certificate).subject.rfc4514_string()
        # Where signxml writes the signature: after the issuer, as the schema of SAML wants.
        etree.SubElement(root, f"{{{DSIG}}}Signature", nsmap={"ds": DSIG}, Id="placeholder")
        subject = etree.SubElement(root, f"{{{SAML}}}Subject")
        etree.SubElement(subject, f"{{{SAML}}}NameID").text = person["id"]
        statement = etree.SubElement(root, f"{{{SAML}}}AuthnStatement", AuthnInstant=now)
        context = etree.SubElement(statement, f"{{{SAML}}}AuthnContext")
        reference = etree.SubElement(context, f"{{{SAML}}}AuthnContextClassRef")
        reference.text = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
        attributes = etree.SubElement(root, f"{{{SAML}}}AttributeStatement")

        def attribute(name, *values):
            element = etree.SubElement(attributes, f"{{{SAML}}}Attribute", Name=name)
            for value in values:
                holder = etree.SubElement(element, f"{{{SAML}}}AttributeValue")
                if isinstance(value, str):
                    holder.text = value
                else:
                    holder.append(value)

        def coded(name, code, system):
            return etree.Element(f"{{{HL7}}}{name}", {"code": code, "codeSystem": system}, nsmap={None: HL7})

        attribute("VIHF_Version", who.get("vihf_version", "3.0"))
        attribute("Authentification_mode", who["authentification"])
        attribute("Identifiant_Structure", who["structure"]["id"])
        attribute("Secteur_Activite", who["sector"] + "^1.2.250.1.71.4.2.4")
        attribute(
            "urn:oasis:names:tc:xspa:1.0:subject:subject-id", f"{person['given']} {person['family']}"
        )
        roles = [coded("Role", person["profession"], PROFESSIONS)]
        if "speciality" in person:
            roles.append(coded("Role", person["speciality"], SPECIALITIES))
        attribute("urn:oasis:names:tc:xacml:2.0:subject:role", *roles)
        attribute(
            "urn:oasis:names:tc:xacml:2.0:resource:resource-id", f"{self.ins}^^^&1.2.250.1.213.1.4.10&ISO^NH"
        )
        attribute("Ressource_URN", "urn:dmp")
        attribute(
            "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse",
            coded("PurposeOfUse", self.purpose, "1.2.250.1.213.1.1.4.248"),
        )
        software = who["software"]
        attribute("LPS_ID", software["id"])
        attribute("LPS_Nom", software["name"])
        attribute("LPS_Version", software["version"])
        attribute("LPS_ID_HOMOLOGATION_DMP", software["approval"])
        return root
