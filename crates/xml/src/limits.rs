//! The bounds an XML document must keep to be read at all.

/// How the caller's format says that an element holds base64, which may be far longer than ordinary text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base64Marker {
    /// Local name of the attribute, `representation` in HL7 v3.
    pub attribute: &'static str,
    /// Its value, `B64` in HL7 v3.
    pub value: &'static str,
}

/// Bounds checked before any tree is built.
///
/// The defaults were set against the 87 published CI-SIS sample documents (ansforge/TestContenuCDA-3-0
/// @7cd489b3); the largest value found there stands beside each bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Nested elements; samples: 22. The tree builder itself accepts any depth, and walks of the tree recurse.
    pub depth_max: u32,
    /// Attributes of one element, `xmlns` included; samples: 13.
    pub attributes_max: u32,
    /// `xmlns` declarations of one element; samples: 11.
    pub namespaces_max: u32,
    /// `xmlns` declarations in force at one place. Each lookup of a prefix walks them. Not in the table of the
    /// samples; 3 in the 33 of them we test with.
    pub namespaces_in_scope_max: u32,
    /// Sum, over the elements that declare a namespace, of the declarations then in force; 3 in those 33 samples.
    /// The tree copies that list for each such element: without this bound 10 MiB of input can ask for 2 GiB.
    pub namespace_copies_max: u32,
    /// Bytes of an element, attribute or instruction name; samples: 34.
    pub name_bytes_max: usize,
    /// Bytes of one attribute value; samples: 10,383.
    pub attribute_bytes_max: usize,
    /// Bytes of character data between two tags; samples: far below, base64 apart.
    pub text_bytes_max: usize,
    /// Bytes of character data inside an element marked by [`Limits::base64`]; samples: 2,739,981.
    pub base64_bytes_max: usize,
    /// Bytes of the document besides declared base64: a tree takes tens of bytes for each byte of markup. Not bounded
    /// by default.
    pub markup_bytes_max: usize,
    /// Elements of the document; samples: 5,577.
    pub elements_max: u32,
    /// How declared base64 is recognised; `None` when the format has none.
    pub base64: Option<Base64Marker>,
    /// Local name of the element whose text is base64 by its schema, such as `Document` in XDS.b; `None` when the
    /// format has none.
    pub base64_element: Option<&'static str>,
    /// Processing instructions are taken, as in CDA; SOAP refuses them.
    pub instructions: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth_max: 64,
            attributes_max: 64,
            namespaces_max: 32,
            namespaces_in_scope_max: 64,
            namespace_copies_max: 1_000_000,
            name_bytes_max: 256,
            attribute_bytes_max: 64 * 1024,
            text_bytes_max: 1024 * 1024,
            base64_bytes_max: 200 * 1024 * 1024,
            markup_bytes_max: usize::MAX,
            elements_max: 1_000_000,
            base64: None,
            base64_element: None,
            instructions: true,
        }
    }
}

impl Limits {
    /// Limits for HL7 v3 and CDA, where base64 is declared by `representation="B64"`.
    pub fn hl7v3() -> Self {
        Self { base64: Some(Base64Marker { attribute: "representation", value: "B64" }), ..Self::default() }
    }
}
