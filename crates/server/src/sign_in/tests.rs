//! What is decided without a provider.

use super::local;

#[test]
fn one_goes_back_to_a_path_of_ours_only() {
    for (next, expected) in [
        ("/", true),
        ("/dossier/abc/droits?type=x", true),
        ("https://attacker.example/", false),
        ("//attacker.example", false),
        ("/\\attacker.example", false),
        ("/%09/attacker.example", false),
        ("/\t/attacker.example", false),
        ("/a//b", false),
        ("dossier", false),
        ("", false),
        ("/connexion/depart/x", false),
        ("/deconnexion", false),
    ] {
        assert_eq!(local(next), expected, "{next}");
    }
    assert!(!local(&format!("/{}", "a".repeat(600))));
}
