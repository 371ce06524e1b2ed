//! Messages with one thing taken away: each is answered, or refused, in well-formed XML, and none is a failure of ours.

use crate::world::{self, CLOSE, CONSULT, CREATE, FIND, MODIFY, REACTIVATE, TEST_EXISTENCE, World};
use dmp_dossier::Mode;
use dmp_xml::{Limits, Tree};

/// The message with each attribute emptied, then with each element absent, one at a time.
fn mutations(message: &str) -> Vec<String> {
    let mut mutated = Vec::new();
    for (at, _) in message.match_indices("=\"") {
        let start = at + 2;
        let end = start + message[start..].find('"').unwrap();
        if !message[..at].ends_with("xmlns") && !message[..at].ends_with("xmlns:xsi") {
            mutated.push(format!("{}{}", &message[..start], &message[end..]));
        }
    }
    for (at, _) in message.match_indices('<') {
        let end = at + message[at..].find([' ', '>', '/']).unwrap();
        let told_already = message[end..].split_once('>').is_some_and(|(tag, _)| tag.contains("nullFlavor"));
        if end > at + 1 && !told_already {
            mutated.push(format!("{} nullFlavor=\"NI\"{}", &message[..end], &message[end..]));
        }
    }
    mutated
}

#[tokio::test]
async fn a_message_that_lacks_something_is_answered_or_refused() {
    let (doctor, samu) = (world::doctor(), world::doctor_in(Mode::Centre15));
    for message in [TEST_EXISTENCE, CONSULT, CREATE, MODIFY, REACTIVATE, CLOSE, FIND] {
        let world = World::new().await;
        world.open_marie().await;
        world.authorise(&doctor, false).await;
        let actor = if message == FIND { &samu } else { &doctor };
        let (mut taken, mut refused) = (0, 0);
        for mutated in mutations(message) {
            match world.call(actor, &mutated).await {
                Ok(reply) => {
                    let tree = Tree::parse(reply.as_bytes(), &Limits::default()).unwrap();
                    let accepted = tree.root().descendants().any(|e| e.attribute("typeCode") == Some("AA"));
                    let stated = tree.root().descendants().any(|e| e.name() == "acknowledgementDetail");
                    assert_ne!(accepted, stated, "{mutated}\n{reply}");
                    if accepted { taken += 1 } else { refused += 1 }
                }
                Err(fault) => {
                    assert!(fault.http < 500, "{mutated}\n{fault:?}");
                    assert!(fault.reason.len() > 10, "{fault:?}");
                    refused += 1;
                }
            }
        }
        assert!(taken > 5 && refused > 20, "{taken} taken, {refused} refused of {}", &message[..40]);
    }
}
