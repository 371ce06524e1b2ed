"""A standard SOAP client that nobody here wrote (zeep) speaks to a running server, from our WSDLs alone:
exists, authorise, publish, search, retrieve, mask, archive.

    python zeep_client.py http://127.0.0.1:8080 FOLDER-OF-THE-SANDBOX INS

Prints one line a step; ends with 1 at the first answer that is not the one expected.
"""

import datetime
import hashlib
import sys
import uuid
from pathlib import Path

import zeep
from vihf import Vihf

HERE = Path(__file__).parent
SERVICES = "/si-dmp-server/v2/services/"
REPOSITORY = "1.2.250.1.213.4.1.1.1.2"
TEST_INS = "1.2.250.1.213.1.4.10"
APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
UPDATE_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
ASSOCIATION = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association"
STABLE_DOCUMENT = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"

ANS = "1.2.250.1.213.1.1.4"
CLASSIFICATIONS = {
    # name: (scheme, code, system, label)
    "class": ("urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a", "10", f"{ANS}.1", "Compte rendu"),
    "type": (
        "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983",
        "11488-4",
        "2.16.840.1.113883.6.1",
        "CR ou fiche de consultation ou de visite",
    ),
    "format": (
        "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
        "urn:ihe:iti:xds-sd:text:2008",
        "1.3.6.1.4.1.19376.1.2.3",
        "Document à corps non structuré en texte brut",
    ),
    "facility": (
        "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
        "SA07",
        "1.2.250.1.71.4.2.4",
        "Cabinet individuel",
    ),
    "setting": (
        "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead",
        "AMBULATOIRE",
        f"{ANS}.9",
        "Ambulatoire",
    ),
    "confidentiality": (
        "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f",
        "N",
        "2.16.840.1.113883.5.25",
        "Normal",
    ),
    "masked": (
        "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f",
        "MASQUE_PS",
        f"{ANS}.13",
        "Masqué aux professionnels de santé",
    ),
}


def expect(what, found, wanted):
    print(f"{what}: {found}")
    if found != wanted:
        sys.exit(f"{what}: {wanted} was expected")


def slot(name, *values):
    return {"name": name, "ValueList": {"Value": list(values)}}


def name(value):
    return {"LocalizedString": [{"value": value, "charset": "UTF-8"}]}


def utc(time):
    return time.astimezone(datetime.UTC).strftime("%Y%m%d%H%M%S")


class Software:
    """A software of this sandbox folder, on the record of this patient."""

    def __init__(self, base, folder, ins):
        self.base = base.rstrip("/")
        self.vihf = Vihf(folder, ins)
        self.ins = ins
        self.patient = f"{ins}^^^&{TEST_INS}&ISO^NH"
        self.source = "1.2.250.1.999.9.1"
        self.clients = {}

    def call(self, service, operation, **message):
        if service not in self.clients:
            # The WSDL says that addressing is required: zeep adds its headers by itself.
            wsdl = f"{self.base}{SERVICES}{service}?wsdl"
            self.clients[service] = zeep.Client(wsdl, wsse=self.vihf)
        return self.clients[service].service[operation](**message)

    def fresh_uid(self):
        return f"2.25.{uuid.uuid4().int}"

    # TD0.2
    def exists(self):
        now = datetime.datetime.now(datetime.UTC)
        device = lambda root, label: {"device": {"id": [{"root": root}], "softwareName": label}}
        answer = self.call(
            "patient",
            "PatientGetDemographics_PRPA_IN201307UV02",
            id={"root": str(uuid.uuid4())},
            creationTime={"value": now.strftime("%Y%m%d%H%M%S")},
            interactionId={"root": "2.16.840.1.113883.1.6", "extension": "PRPA_IN201307UV02"},
            processingCode={"code": "D"},
            processingModeCode={"code": "T"},
            acceptAckCode={"code": "AL"},
            receiver=[device("1.2.250.1.213.4.1.1.1", "DMP") | {"typeCode": "RCV"}],
            sender=device(self.source, "zeep") | {"typeCode": "SND"},
            controlActProcess={
                "reasonCode": {"code": "TEST_EXST", "codeSystem": f"{ANS}.11"},
                "queryByParameter": {
                    "queryId": {"root": self.source, "extension": str(uuid.uuid4())},
                    "statusCode": {"code": "new"},
                    "parameterList": {
                        "patientIdentifier": {
                            "value": {"root": TEST_INS, "extension": self.ins},
                            "semanticsText": "Patient.id",
                        }
                    },
                },
            },
        )
        authorisation = {
            line.keyWordText.code: line.value for line in answer.attentionLine or [] if line.keyWordText
        }
        return answer.acknowledgement[0].typeCode, authorisation["AUTORISATION"].code

    # TD0.3
    def authorise(self):
        return self.call("Habilitation", "setAuthorization", action="AJOUT").status

    def author(self, scheme, classified):
        who, person = self.vihf.who, self.vihf.who["person"]
        xcn = f"{person['id']}^{person['family']}^{person['given']}^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
        xon = f"{who['structure']['name']}^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^{who['structure']['id']}"
        specialty = f"G15_10/SM26^Médecin - Qualifié en médecine générale (SM)^{ANS}.5"
        return {
            "id": f"author-{classified}",
            "classificationScheme": scheme,
            "classifiedObject": classified,
            "nodeRepresentation": "",
            "Slot": [
                slot("authorPerson", xcn),
                slot("authorSpecialty", specialty),
                slot("authorInstitution", xon),
            ],
        }, xcn

    def classification(self, which, classified):
        scheme, code, system, label = CLASSIFICATIONS[which]
        return {
            "id": f"{which}-{classified}",
            "classificationScheme": scheme,
            "classifiedObject": classified,
            "nodeRepresentation": code,
            "Slot": [slot("codingScheme", system)],
            "Name": name(label),
        }

    def identifier(self, scheme, value, what, of):
        return {
            "id": f"{what}-{of}",
            "identificationScheme": scheme,
            "registryObject": of,
            "value": value,
            "Name": name(what),
        }

    def submission_set(self, now):
        of = "SubmissionSet01"
        author, _ = self.author("urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d", of)
        content_type = {
            "id": "content-type",
            "classificationScheme": "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500",
            "classifiedObject": of,
            "nodeRepresentation": "07",
            "Slot": [slot("codingScheme", "1.2.250.1.213.2.2")],
            "Name": name("Consultation"),
        }
        node = {
            "id": "node",
            "classificationNode": "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd",
            "classifiedObject": of,
        }
        identifier = lambda scheme, value, what: self.identifier(scheme, value, f"XDSSubmissionSet.{what}", of)
        return {
            "id": of,
            "Slot": [slot("submissionTime", utc(now))],
            "Name": name("Lot"),
            "Classification": [author, content_type, node],
            "ExternalIdentifier": [
                identifier("urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446", self.patient, "patientId"),
                identifier("urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832", self.source, "sourceId"),
                identifier("urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8", self.fresh_uid(), "uniqueId"),
            ],
        }

    def association(self, kind, target, *slots):
        return {
            "id": "association1",
            "associationType": kind,
            "objectType": ASSOCIATION,
            "sourceObject": "SubmissionSet01",
            "targetObject": target,
            "Slot": list(slots),
        }

    # TD2.1
    def publish(self):
        who, person = self.vihf.who, self.vihf.who["person"]
        now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=1))).replace(microsecond=0)
        unique_id = self.fresh_uid()
        filled = {
            "unique_id": unique_id,
            "now": now.strftime("%Y%m%d%H%M%S+0100"),
            "ins": self.ins,
            "person": person["id"],
            "family": person["family"],
            "given": person["given"],
            "structure": who["structure"]["id"],
            "structure_name": who["structure"]["name"],
        }
        text = (HERE / "consultation.xml").read_text()
        for key, value in filled.items():
            text = text.replace("{" + key + "}", value)
        document = text.encode()
        of = "Document01"
        author, xcn = self.author("urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d", of)
        codes = ("class", "type", "format", "facility", "setting", "confidentiality")
        identifier = lambda scheme, value, what: self.identifier(scheme, value, f"XDSDocumentEntry.{what}", of)
        entry = {
            "id": of,
            "mimeType": "text/xml",
            "objectType": STABLE_DOCUMENT,
            "Slot": [
                slot("creationTime", utc(now)),
                slot("languageCode", "fr-FR"),
                slot("legalAuthenticator", xcn),
                slot("serviceStartTime", utc(now)),
                slot("sourcePatientId", self.patient),
                slot("sourcePatientInfo", "PID-5|EXEMPLE^MARIE^^^^^L", "PID-7|19840712", "PID-8|F"),
            ],
            "Name": name("Consultation"),
            "Classification": [author] + [self.classification(which, of) for which in codes],
            "ExternalIdentifier": [
                identifier("urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", self.patient, "patientId"),
                identifier("urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab", unique_id, "uniqueId"),
            ],
        }
        member = self.association(HAS_MEMBER, of, slot("SubmissionSetStatus", "Original"))
        objects = [
            {"RegistryPackage": self.submission_set(now)},
            {"ExtrinsicObject": entry},
            {"Association": member},
        ]
        answer = self.call(
            "DocumentRepository_Service",
            "DocumentRepository_ProvideAndRegisterDocumentSet-b",
            SubmitObjectsRequest={"RegistryObjectList": {"_value_1": objects}},
            Document=[{"_value_1": document, "id": of}],
        )
        return status(answer), unique_id, document

    # TD3.1
    def search(self, statuses=(APPROVED,)):
        answer = self.call(
            "DocumentRegistry_Service",
            "DocumentRegistry_RegistryStoredQuery",
            ResponseOption={"returnType": "LeafClass", "returnComposedObjects": True},
            AdhocQuery={
                "id": FIND_DOCUMENTS,
                "Slot": [
                    slot("$XDSDocumentEntryPatientId", f"'{self.patient}'"),
                    slot("$XDSDocumentEntryStatus", "(" + ",".join(f"'{s}'" for s in statuses) + ")"),
                ],
            },
        )
        found = {}
        for item in answer.RegistryObjectList["_value_1"] or []:
            entry = item["ExtrinsicObject"]
            for identifier in entry.ExternalIdentifier:
                if identifier.identificationScheme == "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab":
                    found[identifier.value] = entry
        return status(answer), found

    # TD3.2
    def retrieve(self, unique_id):
        asked = {"RepositoryUniqueId": REPOSITORY, "DocumentUniqueId": unique_id}
        answer = self.call(
            "DocumentRepository_Service", "DocumentRepository_RetrieveDocumentSet", DocumentRequest=[asked]
        )
        return status(answer.RegistryResponse), answer.DocumentResponse[0].Document

    # TD3.3a
    def mask(self, entry):
        now = datetime.datetime.now(datetime.UTC)
        entry.Classification.append(self.classification("masked", entry.id))
        version = slot("PreviousVersion", entry.VersionInfo.versionName)
        member = self.association(HAS_MEMBER, entry.id, slot("SubmissionSetStatus", "Original"), version)
        objects = [
            {"RegistryPackage": self.submission_set(now)},
            {"ExtrinsicObject": entry},
            {"Association": member},
        ]
        return self.update(objects)

    # TD3.3d
    def archive(self, entry):
        now = datetime.datetime.now(datetime.UTC)
        change = self.association(
            UPDATE_STATUS, entry.id, slot("OriginalStatus", APPROVED), slot("NewStatus", ARCHIVED)
        )
        return self.update([{"RegistryPackage": self.submission_set(now)}, {"Association": change}])

    def update(self, objects):
        answer = self.call(
            "DocumentRegistry_Service",
            "DocumentRegistry_UpdateDocumentSet",
            RegistryObjectList={"_value_1": objects},
        )
        return status(answer)


def status(answer):
    if answer.RegistryErrorList:
        for error in answer.RegistryErrorList.RegistryError:
            print(f"  {error.errorCode}: {error.codeContext}")
    return answer.status.rsplit(":", 1)[-1]


def confidentialities(entry):
    scheme = CLASSIFICATIONS["confidentiality"][0]
    return sorted(c.nodeRepresentation for c in entry.Classification if c.classificationScheme == scheme)


def main(base, folder, ins):
    software = Software(base, folder, ins)
    acknowledged, _ = software.exists()
    expect("exists", acknowledged, "AA")
    expect("authorise", software.authorise(), "DMPOk")
    expect("authorised", software.exists()[1], "VALIDE")

    published, unique_id, document = software.publish()
    expect("publish", published, "Success")
    found, entries = software.search()
    expect("search", found, "Success")
    expect("found", unique_id in entries, True)
    slots = {s.name: s.ValueList.Value[0] for s in entries[unique_id].Slot}
    expect("hash", slots["hash"], hashlib.sha1(document).hexdigest())
    expect("size", slots["size"], str(len(document)))

    retrieved, bytes_found = software.retrieve(unique_id)
    expect("retrieve", retrieved, "Success")
    expect("same bytes", bytes_found == document, True)

    expect("mask", software.mask(entries[unique_id]), "Success")
    _, entries = software.search()
    expect("masked", confidentialities(entries[unique_id]), ["MASQUE_PS", "N"])

    expect("archive", software.archive(entries[unique_id]), "Success")
    _, entries = software.search()
    expect("no more among the approved", unique_id in entries, False)
    _, entries = software.search((ARCHIVED,))
    expect("archived", unique_id in entries, True)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
