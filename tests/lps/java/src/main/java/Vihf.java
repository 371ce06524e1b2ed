import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** The VIHF of a caller of the sandbox, signed by the JDK: a `wsse:Security` header for each call. */
final class Vihf {
    private static final String SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
    private static final String HL7 = "urn:hl7-org:v3";
    private static final String WSSE =
            "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    private static final String XMLNS = "http://www.w3.org/2000/xmlns/";
    private static final String EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";

    /** `section.key` of identity.toml, whose lines are sections and plain texts. */
    final Properties who = new Properties();
    final String ins;
    private final X509Certificate certificate;
    private final PrivateKey key;

    Vihf(Path folder, String ins) throws Exception {
        this.ins = ins;
        String section = "";
        for (String line : Files.readAllLines(folder.resolve("identity.toml"))) {
            if (line.startsWith("[")) {
                section = line.substring(1, line.indexOf(']')) + ".";
            } else if (line.contains("=")) {
                String value = line.substring(line.indexOf('=') + 1).strip();
                who.setProperty(section + line.substring(0, line.indexOf('=')).strip(), value.replaceAll("[\"']", ""));
            }
        }
        try (var pem = Files.newInputStream(folder.resolve("signature.pem"))) {
            certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
        String pem = Files.readString(folder.resolve("signature.key")).replaceAll("-----.*-----|\\s", "");
        key = KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    }

    Element header() throws Exception {
        var builders = DocumentBuilderFactory.newInstance();
        builders.setNamespaceAware(true);
        Document document = builders.newDocumentBuilder().newDocument();
        Element security = document.createElementNS(WSSE, "wsse:Security");
        document.appendChild(security);
        Element assertion = child(security, SAML, "saml2:Assertion", null);
        // What is signed is the tree: namespaces must be written in it, not left to the serializer.
        assertion.setAttributeNS(XMLNS, "xmlns:saml2", SAML);
        String id = "_" + UUID.randomUUID();
        String now = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
        assertion.setAttribute("ID", id);
        assertion.setIdAttribute("ID", true);
        assertion.setAttribute("IssueInstant", now);
        assertion.setAttribute("Version", "2.0");
        child(assertion, SAML, "saml2:Issuer", certificate.getSubjectX500Principal().getName())
                .setAttribute("Format", "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName");
        Element subject = child(assertion, SAML, "saml2:Subject", null);
        child(subject, SAML, "saml2:NameID", who.getProperty("person.id"));
        Element statement = child(assertion, SAML, "saml2:AuthnStatement", null);
        statement.setAttribute("AuthnInstant", now);
        Element context = child(statement, SAML, "saml2:AuthnContext", null);
        child(context, SAML, "saml2:AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI");
        Element attributes = child(assertion, SAML, "saml2:AttributeStatement", null);
        attribute(attributes, "VIHF_Version", "3.0");
        attribute(attributes, "Authentification_Mode", who.getProperty("authentification"));
        attribute(attributes, "Identifiant_Structure", who.getProperty("structure.id"));
        attribute(attributes, "Secteur_Activite", who.getProperty("sector") + "^1.2.250.1.71.4.2.4");
        attribute(attributes, "urn:oasis:names:tc:xspa:1.0:subject:subject-id",
                who.getProperty("person.given") + " " + who.getProperty("person.family"));
        Element roles = attribute(attributes, "urn:oasis:names:tc:xacml:2.0:subject:role", null);
        coded(roles, "Role", who.getProperty("person.profession"), "1.2.250.1.71.1.2.7");
        if (who.containsKey("person.speciality")) {
            coded(roles, "Role", who.getProperty("person.speciality"), "1.2.250.1.71.4.2.5");
        }
        attribute(attributes, "urn:oasis:names:tc:xacml:2.0:resource:resource-id",
                ins + "^^^&1.2.250.1.213.1.4.10&ISO^NH");
        attribute(attributes, "Ressource_URN", "urn:dmp");
        coded(attribute(attributes, "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse", null),
                "PurposeOfUse", "normal", "1.2.250.1.213.1.1.4.248");
        for (String name : List.of("id:LPS_ID", "name:LPS_Nom", "version:LPS_Version", "approval:LPS_ID_HOMOLOGATION_DMP")) {
            String[] pair = name.split(":");
            attribute(attributes, pair[1], who.getProperty("software." + pair[0]));
        }
        sign(assertion, id);
        return security;
    }

    private void sign(Element assertion, String id) throws Exception {
        var factory = XMLSignatureFactory.getInstance("DOM");
        var transforms = List.of(
                factory.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null),
                factory.newTransform(EXCLUSIVE, (TransformParameterSpec) null));
        var digest = factory.newDigestMethod(DigestMethod.SHA256, null);
        var reference = factory.newReference("#" + id, digest, transforms, null, null);
        var canonicalization = factory.newCanonicalizationMethod(EXCLUSIVE, (C14NMethodParameterSpec) null);
        String method = key.getAlgorithm().equals("RSA")
                ? "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
                : "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
        var info = factory.newSignedInfo(canonicalization, factory.newSignatureMethod(method, null), List.of(reference));
        var keys = factory.getKeyInfoFactory();
        var keyInfo = keys.newKeyInfo(List.of(keys.newX509Data(List.of(certificate))));
        var place = new DOMSignContext(key, assertion, assertion.getFirstChild().getNextSibling());
        place.setDefaultNamespacePrefix("ds");
        factory.newXMLSignature(info, keyInfo).sign(place);
    }

    private static Element child(Element parent, String namespace, String name, String text) {
        Element element = parent.getOwnerDocument().createElementNS(namespace, name);
        if (text != null) {
            element.setTextContent(text);
        }
        parent.appendChild(element);
        return element;
    }

    private static Element attribute(Element statement, String name, String text) {
        Element attribute = child(statement, SAML, "saml2:Attribute", null);
        attribute.setAttribute("Name", name);
        if (text != null) {
            child(attribute, SAML, "saml2:AttributeValue", text);
        }
        return attribute;
    }

    private static void coded(Element attribute, String name, String code, String system) {
        Element coded = child(child(attribute, SAML, "saml2:AttributeValue", null), HL7, name, null);
        coded.setAttributeNS(XMLNS, "xmlns", HL7);
        coded.setAttribute("code", code);
        coded.setAttribute("codeSystem", system);
    }
}
