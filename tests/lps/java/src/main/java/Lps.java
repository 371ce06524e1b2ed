import com.sun.xml.ws.api.message.Headers;
import com.sun.xml.ws.developer.WSBindingProvider;
import habilitations.dmp.si.Action;
import habilitations.dmp.si.HabilitationsEndPointImplService;
import ihe.iti.xds_b._2007.DocumentRegistryService;
import ihe.iti.xds_b._2007.DocumentRepositoryService;
import ihe.iti.xds_b._2007.ProvideAndRegisterDocumentSetRequest;
import ihe.iti.xds_b._2007.RetrieveDocumentSetRequest;
import jakarta.xml.ws.soap.MTOMFeature;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import oasis.names.tc.ebxml_regrep.xsd.lcm._3.SubmitObjectsRequest;
import oasis.names.tc.ebxml_regrep.xsd.query._3.AdhocQueryRequest;
import oasis.names.tc.ebxml_regrep.xsd.rim._3.AdhocQuery;
import oasis.names.tc.ebxml_regrep.xsd.rim._3.AssociationType;
import oasis.names.tc.ebxml_regrep.xsd.rim._3.ClassificationType;
import oasis.names.tc.ebxml_regrep.xsd.rim._3.ExternalIdentifierType;
import oasis.names.tc.ebxml_regrep.xsd.rim._3.ExtrinsicObjectType;
import oasis.names.tc.ebxml_regrep.xsd.rim._3.InternationalStringType;
import oasis.names.tc.ebxml_regrep.xsd.rim._3.RegistryObjectList;
import oasis.names.tc.ebxml_regrep.xsd.rim._3.RegistryObjectType;
import oasis.names.tc.ebxml_regrep.xsd.rim._3.SlotType;
import oasis.names.tc.ebxml_regrep.xsd.rim._3.ValueList;
import oasis.names.tc.ebxml_regrep.xsd.rs._3.RegistryResponseType;

/**
 * A client generated from our WSDLs by wsimport, on the reference implementation of JAX-WS, with MTOM: authorise, publish,
 * search, retrieve, archive. Ends with an error at the first answer that is not the one expected.
 */
public final class Lps {
    private static final String SERVICES = "/si-dmp-server/v2/services/";
    private static final String SET = "SubmissionSet01";
    private static final String DOCUMENT = "Document01";
    private static final String UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab";
    private static final String APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved";
    private static final String ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived";
    /** Scheme, code and system of what the document is. */
    private static final String[][] CODES = {
        {"urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a", "10", "1.2.250.1.213.1.1.4.1"},
        {"urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", "11488-4", "2.16.840.1.113883.6.1"},
        {"urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d", "urn:ihe:iti:xds-sd:text:2008", "1.3.6.1.4.1.19376.1.2.3"},
        {"urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", "SA07", "1.2.250.1.71.4.2.4"},
        {"urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead", "AMBULATOIRE", "1.2.250.1.213.1.1.4.9"},
        {"urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f", "N", "2.16.840.1.113883.5.25"},
    };

    private final Vihf vihf;
    private final String base;
    private final String patient;
    private int identifiers = 0;

    private Lps(String base, Vihf vihf) {
        this.base = base;
        this.vihf = vihf;
        this.patient = vihf.ins + "^^^&1.2.250.1.213.1.4.10&ISO^NH";
    }

    public static void main(String[] arguments) throws Exception {
        var lps = new Lps(arguments[0], new Vihf(Path.of(arguments[1]), arguments[2]));
        lps.run(Path.of(arguments[3]));
    }

    private void run(Path template) throws Exception {
        var rights = new HabilitationsEndPointImplService(wsdl("Habilitation")).getHabilitationsEndPointImplServicePort();
        var registry = new DocumentRegistryService(wsdl("DocumentRegistry_Service")).getDocumentRegistryServicePort();
        var repository = new DocumentRepositoryService(wsdl("DocumentRepository_Service"))
                .getDocumentRepositoryServicePort(new MTOMFeature(0));
        expect("authorise", identified(rights).setAuthorization(Action.AJOUT, null).getStatus(), "DMPOk");

        var now = ZonedDateTime.now(ZoneOffset.ofHours(1)).withNano(0);
        String uniqueId = uid();
        byte[] bytes = document(template, uniqueId, now);
        var lot = new ProvideAndRegisterDocumentSetRequest();
        lot.setSubmitObjectsRequest(submit(set(now), entry(uniqueId, now), member()));
        var content = new ProvideAndRegisterDocumentSetRequest.Document();
        content.setId(DOCUMENT);
        content.setValue(bytes);
        lot.getDocument().add(content);
        expect("publish", status(identified(repository).documentRepositoryProvideAndRegisterDocumentSetB(lot)), "Success");

        var found = identified(registry).documentRegistryRegistryStoredQuery(findDocuments());
        expect("search", status(found), "Success");
        var entry = found.getRegistryObjectList().getExtrinsicObjectOrRegistryPackageOrClassification().stream()
                .map(ExtrinsicObjectType.class::cast)
                .filter(e -> e.getExternalIdentifier().stream().anyMatch(i -> i.getValue().equals(uniqueId)))
                .findFirst().orElseThrow(() -> new AssertionError("search: what was published is not found"));

        var asked = new RetrieveDocumentSetRequest();
        var one = new RetrieveDocumentSetRequest.DocumentRequest();
        one.setRepositoryUniqueId("1.2.250.1.213.4.1.1.1.2");
        one.setDocumentUniqueId(uniqueId);
        asked.getDocumentRequest().add(one);
        var retrieved = identified(repository).documentRepositoryRetrieveDocumentSet(asked);
        expect("retrieve", status(retrieved.getRegistryResponse()), "Success");
        byte[] back = retrieved.getDocumentResponse().get(0).getDocument().getInputStream().readAllBytes();
        expect("same bytes", Arrays.equals(back, bytes), true);

        var archive = association("urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus", entry.getId(),
                slot("OriginalStatus", APPROVED), slot("NewStatus", ARCHIVED));
        expect("archive", status(identified(registry).documentRegistryUpdateDocumentSet(submit(set(now), archive))), "Success");
    }

    private URL wsdl(String service) throws Exception {
        return new URL(base + SERVICES + service + "?wsdl");
    }

    /** The same port, its next call under a fresh VIHF. */
    private <P> P identified(P port) throws Exception {
        ((WSBindingProvider) port).setOutboundHeaders(Headers.create(vihf.header()));
        return port;
    }

    private byte[] document(Path template, String uniqueId, ZonedDateTime now) throws Exception {
        return Files.readString(template)
                .replace("{unique_id}", uniqueId)
                .replace("{now}", now.format(DateTimeFormatter.ofPattern("yyyyMMddHHmmss")) + "+0100")
                .replace("{ins}", vihf.ins)
                .replace("{person}", of("person.id"))
                .replace("{family}", of("person.family"))
                .replace("{given}", of("person.given"))
                .replace("{structure}", of("structure.id"))
                .replace("{structure_name}", of("structure.name"))
                .getBytes("UTF-8");
    }

    private ExtrinsicObjectType entry(String uniqueId, ZonedDateTime now) {
        var entry = new ExtrinsicObjectType();
        entry.setId(DOCUMENT);
        entry.setMimeType("text/xml");
        entry.setObjectType("urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1");
        entry.getSlot().addAll(List.of(slot("creationTime", utc(now)), slot("languageCode", "fr-FR"),
                slot("legalAuthenticator", person()), slot("serviceStartTime", utc(now)),
                slot("sourcePatientId", patient),
                slot("sourcePatientInfo", "PID-5|EXEMPLE^MARIE^^^^^L", "PID-7|19840712", "PID-8|F")));
        entry.setName(text("Consultation"));
        entry.getClassification().add(author("urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d", DOCUMENT));
        for (String[] code : CODES) {
            entry.getClassification().add(classification(DOCUMENT, code[0], code[1], code[2]));
        }
        entry.getExternalIdentifier().addAll(List.of(
                identifier(DOCUMENT, "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", patient, "XDSDocumentEntry.patientId"),
                identifier(DOCUMENT, UNIQUE_ID, uniqueId, "XDSDocumentEntry.uniqueId")));
        return entry;
    }

    private RegistryObjectType set(ZonedDateTime now) {
        var set = new RegistryObjectType();
        set.setId(SET);
        set.getSlot().add(slot("submissionTime", utc(now)));
        set.setName(text("Lot"));
        var node = new ClassificationType();
        node.setId(id());
        node.setClassifiedObject(SET);
        node.setClassificationNode("urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd");
        set.getClassification().addAll(List.of(author("urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d", SET),
                classification(SET, "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500", "07", "1.2.250.1.213.2.2"), node));
        set.getExternalIdentifier().addAll(List.of(
                identifier(SET, "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446", patient, "XDSSubmissionSet.patientId"),
                identifier(SET, "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832", "1.2.250.1.999.9.2", "XDSSubmissionSet.sourceId"),
                identifier(SET, "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8", uid(), "XDSSubmissionSet.uniqueId")));
        return set;
    }

    private AssociationType member() {
        return association("urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember", DOCUMENT,
                slot("SubmissionSetStatus", "Original"));
    }

    private AssociationType association(String kind, String target, SlotType... slots) {
        var association = new AssociationType();
        association.setId(id());
        association.setAssociationType(kind);
        association.setSourceObject(SET);
        association.setTargetObject(target);
        association.getSlot().addAll(List.of(slots));
        return association;
    }

    private AdhocQueryRequest findDocuments() {
        var request = new AdhocQueryRequest();
        var option = new AdhocQueryRequest.ResponseOption();
        option.setReturnType("LeafClass");
        option.setReturnComposedObjects(true);
        request.setResponseOption(option);
        var query = new AdhocQuery();
        query.setId("urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d");
        query.getSlot().addAll(List.of(slot("$XDSDocumentEntryPatientId", "'" + patient + "'"),
                slot("$XDSDocumentEntryStatus", "('" + APPROVED + "')")));
        request.setAdhocQuery(query);
        return request;
    }

    private static SubmitObjectsRequest submit(RegistryObjectType... objects) {
        var list = new RegistryObjectList();
        list.getExtrinsicObjectOrRegistryPackageOrClassification().addAll(List.of(objects));
        var request = new SubmitObjectsRequest();
        request.setRegistryObjectList(list);
        return request;
    }

    private ClassificationType author(String scheme, String classified) {
        var author = new ClassificationType();
        author.setId(id());
        author.setClassificationScheme(scheme);
        author.setClassifiedObject(classified);
        author.setNodeRepresentation("");
        String institution = of("structure.name") + "^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^" + of("structure.id");
        author.getSlot().addAll(List.of(slot("authorPerson", person()),
                slot("authorSpecialty", "G15_10/SM26^Médecin - Qualifié en médecine générale (SM)^1.2.250.1.213.1.1.4.5"),
                slot("authorInstitution", institution)));
        return author;
    }

    private ClassificationType classification(String classified, String scheme, String code, String system) {
        var classification = new ClassificationType();
        classification.setId(id());
        classification.setClassificationScheme(scheme);
        classification.setClassifiedObject(classified);
        classification.setNodeRepresentation(code);
        classification.getSlot().add(slot("codingScheme", system));
        classification.setName(text(code));
        return classification;
    }

    private ExternalIdentifierType identifier(String of, String scheme, String value, String name) {
        var identifier = new ExternalIdentifierType();
        identifier.setId(id());
        identifier.setRegistryObject(of);
        identifier.setIdentificationScheme(scheme);
        identifier.setValue(value);
        identifier.setName(text(name));
        return identifier;
    }

    private static SlotType slot(String name, String... values) {
        var slot = new SlotType();
        slot.setName(name);
        slot.setValueList(new ValueList());
        slot.getValueList().getValue().addAll(List.of(values));
        return slot;
    }

    private static InternationalStringType text(String value) {
        var text = new InternationalStringType();
        var localized = new InternationalStringType.LocalizedString();
        localized.setValue(value);
        text.getLocalizedString().add(localized);
        return text;
    }

    private String person() {
        return of("person.id") + "^" + of("person.family") + "^" + of("person.given")
                + "^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS";
    }

    private String of(String key) {
        return vihf.who.getProperty(key);
    }

    private String id() {
        return "id" + ++identifiers;
    }

    private static String uid() {
        return "2.25." + new java.math.BigInteger(UUID.randomUUID().toString().replace("-", ""), 16);
    }

    private static String utc(ZonedDateTime time) {
        return time.withZoneSameInstant(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyyMMddHHmmss"));
    }

    private static String status(RegistryResponseType answer) {
        if (answer.getRegistryErrorList() != null) {
            answer.getRegistryErrorList().getRegistryError()
                    .forEach(e -> System.out.println("  " + e.getErrorCode() + ": " + e.getCodeContext()));
        }
        return answer.getStatus().substring(answer.getStatus().lastIndexOf(':') + 1);
    }

    private static void expect(String what, Object found, Object wanted) {
        System.out.println(what + ": " + found);
        if (!Objects.equals(found, wanted)) {
            throw new AssertionError(what + ": " + wanted + " was expected");
        }
    }
}
