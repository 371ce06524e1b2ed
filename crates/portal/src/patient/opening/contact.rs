//! How to reach the patient: a mobile or a mail address, proved by a code; an address for letters.

use dmp_dossier::{Contact, OtpChannel};

use crate::patient::questions::{Fields, Wrong};

/// Longest mail address (RFC 5321 4.5.3.1.3).
const MAIL_MAX: usize = 254;
/// Longest postal address, in characters.
const ADDRESS_CHARS_MAX: usize = 200;

/// Names of its fields.
pub(super) const FIELDS: [&str; 4] = ["canal", "mobile", "mail", "adresse"];

/// The channel to prove; `None` when the person has neither. Wrong: field and words.
pub(super) fn channel(fields: &Fields) -> Result<Option<OtpChannel>, Vec<Wrong>> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let channel = match fields.get("canal") {
        "sms" if is_phone(fields.get("mobile")) => Some(OtpChannel::Sms(fields.get("mobile").to_owned())),
        "sms" => {
            wrong.push(("mobile", "Écrivez un numéro de mobile, par exemple 06 12 34 56 78."));
            None
        }
        "mail" if is_mail(fields.get("mail")) => Some(OtpChannel::Email(fields.get("mail").to_owned())),
        "mail" => {
            wrong.push(("mail", "Écrivez une adresse mail, par exemple nom@exemple.fr."));
            None
        }
        "sans" => None,
        _ => {
            wrong.push(("canal", "Choisissez comment vous joindre."));
            None
        }
    };
    match (fields.get("avis"), fields.get("canal")) {
        ("sms", "mail" | "sans") => {
            wrong.push(("canal", "Vous voulez être prévenu par SMS : donnez un mobile."));
        }
        ("mail", "sms" | "sans") => {
            wrong.push(("canal", "Vous voulez être prévenu par mail : donnez une adresse mail."));
        }
        _ => {}
    }
    let address = fields.get("adresse");
    let length = address.chars().count();
    if fields.get("avis") == "courrier" && length < 8 {
        wrong.push(("adresse", "Vous voulez être prévenu par courrier : donnez une adresse."));
    } else if length > ADDRESS_CHARS_MAX || address.chars().any(char::is_control) {
        wrong.push(("adresse", "L'adresse tient sur une ligne de 200 caractères."));
    }
    if wrong.is_empty() { Ok(channel) } else { Err(wrong) }
}

/// What the record keeps.
pub(super) fn contact(fields: &Fields, proved: Option<&OtpChannel>) -> Contact {
    let (phone, mail) = match proved {
        Some(OtpChannel::Sms(number)) => (Some(number.clone()), None),
        Some(OtpChannel::Email(address)) => (None, Some(address.clone())),
        None => (None, None),
    };
    let address = Some(fields.get("adresse")).filter(|a| !a.is_empty()).map(str::to_owned);
    Contact { phone, mail, address }
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= 24
        && (10..=15).contains(&digits)
        && text.bytes().all(|b| b.is_ascii_digit() || b" +.-()".contains(&b))
}

fn is_mail(text: &str) -> bool {
    text.len() <= MAIL_MAX
        && !text.chars().any(|c| c.is_control() || c.is_whitespace() || "<>,;\"".contains(c))
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !domain.contains('@') && !domain.ends_with('.')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_a_number_or_an_address_and_fits_what_was_chosen() {
        for (canal, mobile, mail, adresse, avis, wrong) in [
            ("sms", "06 12 34 56 78", "", "", "sms", None),
            ("sms", "+33612345678", "", "", "non", None),
            ("mail", "", "a@b.fr", "", "mail", None),
            ("sans", "", "", "", "non", None),
            ("sans", "", "", "3 rue de la Gare, Rennes", "courrier", None),
            ("", "", "", "", "non", Some("canal")),
            ("pigeon", "", "", "", "non", Some("canal")),
            ("sms", "06 12", "", "", "sms", Some("mobile")),
            ("sms", "0612345678<script>", "", "", "sms", Some("mobile")),
            ("mail", "", "a@b", "", "mail", Some("mail")),
            ("mail", "", "a@b.fr\r\nBcc:x@y.fr", "", "mail", Some("mail")),
            ("mail", "", "a@b.fr", "", "sms", Some("canal")),
            ("sans", "", "", "", "mail", Some("canal")),
            ("sans", "", "", "", "courrier", Some("adresse")),
        ] {
            let fields =
                [("canal", canal), ("mobile", mobile), ("mail", mail), ("adresse", adresse), ("avis", avis)];
            let fields = Fields(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
            let found = channel(&fields).err().map(|w| w[0].0);
            assert_eq!(found, wrong, "{canal} {mobile} {mail} {avis}");
        }
    }
}
