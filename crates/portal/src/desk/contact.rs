//! One field for what the patient gives to be reached: a mobile or a mail address, told apart by its form.

use super::draft::Reach;

/// Longest mail address (RFC 5321 4.5.3.1.3).
const MAIL_MAX: usize = 254;

/// What was typed; `None` when it is neither.
pub(super) fn read(text: &str) -> Option<Reach> {
    if text.contains('@') {
        let fits = text.len() <= MAIL_MAX
            && !text.chars().any(|c| c.is_control() || c.is_whitespace() || "<>,;\"".contains(c))
            && text.split_once('@').is_some_and(|(local, domain)| {
                let labels: Vec<&str> = domain.split('.').collect();
                !local.is_empty()
                    && labels.len() > 1
                    && !domain.contains('@')
                    && labels.iter().all(|l| !l.is_empty())
            });
        return fits.then(|| Reach::Mail(text.to_owned()));
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let fits = text.len() <= 24
        && (10..=15).contains(&digits)
        && text.bytes().all(|b| b.is_ascii_digit() || b" +.-()".contains(&b));
    fits.then(|| Reach::Sms(text.to_owned()))
}

/// The same with its middle left out: `06 •• •• •• 78`, `c…@exemple.fr`.
pub(super) fn hidden(reach: &Reach) -> String {
    match reach {
        Reach::Sms(number) => {
            let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
            let (first, last) = (&digits[..2.min(digits.len())], &digits[digits.len().saturating_sub(2)..]);
            format!("{} •• •• •• {}", first.iter().collect::<String>(), last.iter().collect::<String>())
        }
        Reach::Mail(address) => {
            let (local, domain) = address.split_once('@').unwrap_or((address, ""));
            format!("{}…@{domain}", local.chars().take(1).collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_or_a_mail_is_told_by_its_form() {
        for (text, kind) in [
            ("06 12 34 56 78", "sms"),
            ("+33 6 12 34 56 78", "sms"),
            ("camille@exemple.fr", "mail"),
            ("0612", ""),
            ("06 12 34 56 7a", ""),
            ("a@b", ""),
            ("a@b..fr", ""),
            ("a@b.fr\r\nBcc: x@y.fr", ""),
            ("", ""),
        ] {
            let found = match read(text) {
                Some(Reach::Sms(_)) => "sms",
                Some(Reach::Mail(_)) => "mail",
                None => "",
            };
            assert_eq!(found, kind, "{text}");
        }
        assert_eq!(hidden(&Reach::Sms("06 12 34 56 78".into())), "06 •• •• •• 78");
        assert_eq!(hidden(&Reach::Mail("camille@exemple.fr".into())), "c…@exemple.fr");
    }
}
