//! The patient's access by internet: kept sealed, journalled without a number nor an address, under a login of its own.

use super::world::*;
use dmp_dossier::*;

fn open(login: &str) -> Command {
    Command::OpenWebAccess(Box::new(WebAccessDraft {
        login: login.to_owned(),
        secret_hash: "$argon2id$v=19$essai".to_owned(),
        channel: OtpChannel::Sms("0600000000".to_owned()),
    }))
}

fn renew(login: &str) -> Command {
    Command::RenewWebAccess { login: login.to_owned(), secret_hash: "$argon2id$v=19$autre".to_owned() }
}

fn change(action: OtpAction, channel: OtpChannel) -> Command {
    Command::ChangeOtpChannel { action, channel }
}

async fn channels(world: &World, ins: &Ins) -> Option<Vec<OtpChannel>> {
    let answer = world.consult(&patient(ins), ins, Query::Administrative).await.unwrap();
    match answer.view {
        View::Administrative(view) => view.web_access,
        other => panic!("not the administrative data: {other:?}"),
    }
}

pub async fn an_access_is_kept_and_its_journal_names_no_channel(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    let (sms, mail) =
        (OtpChannel::Sms("0600000000".to_owned()), OtpChannel::Email("marie@example.org".to_owned()));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, false).await;
    assert_eq!(channels(&world, &ins).await, None);
    for (command, receipt) in [
        (open("marie123"), Receipt::Done),
        (open("marie123"), Receipt::AlreadyDone),
        (change(OtpAction::Add, mail.clone()), Receipt::Done),
        (change(OtpAction::Add, mail.clone()), Receipt::AlreadyDone),
        (renew("marie124"), Receipt::Done),
        (renew("marie124"), Receipt::AlreadyDone),
        (change(OtpAction::Remove, sms.clone()), Receipt::Done),
    ] {
        assert_eq!(world.execute(&dr, &ins, command.clone()).await.unwrap(), receipt, "{command:?}");
    }
    assert_eq!(reason(world.execute(&dr, &ins, open("marie125")).await), Reason::WebAccessExists);
    assert_eq!(
        reason(world.execute(&dr, &ins, change(OtpAction::Remove, mail.clone())).await),
        Reason::LastChannel
    );
    let world = world.reopened().await;
    assert_eq!(channels(&world, &ins).await, Some(vec![mail]));
    let answer = world.consult(&dr, &ins, Query::Status).await.unwrap();
    assert!(matches!(answer.view, View::Status(view) if view.web_access));
    let told = format!("{:?}", world.journal(&ins).await);
    assert!(told.contains("WebAccessOpened") && told.contains("OtpChannelChanged"));
    for secret in ["0600000000", "marie12", "example.org", "argon2"] {
        assert!(!told.contains(secret), "{secret}");
    }
    assert!(world.verified().is_clean());
}

/// A login is one patient's, for ever: refused to any other, and to the same one later.
pub async fn a_login_serves_once(factory: Factory) {
    let world = World::new(factory).await;
    for number in 1..=3 {
        world.open_dossier(&ins(number)).await;
        world.authorise(&ins(number), &doctor(1), false).await;
    }
    let ask = |number, command: Command| {
        let world = &world;
        async move { world.execute(&doctor(1), &ins(number), command).await }
    };
    ask(1, open("marie123")).await.unwrap();
    assert_eq!(reason(ask(2, open("marie123")).await), Reason::LoginTaken);
    ask(2, open("jean1234")).await.unwrap();
    ask(1, renew("marie124")).await.unwrap();
    assert_eq!(reason(ask(2, renew("marie123")).await), Reason::LoginTaken);
    assert_eq!(reason(ask(1, renew("marie123")).await), Reason::LoginTaken);
    // What is refused for another reason is refused for that one.
    assert_eq!(reason(ask(3, renew("marie123")).await), Reason::WebAccessMissing);
    // Two at once: one has it.
    let (first, second) = tokio::join!(ask(2, renew("commun12")), ask(3, open("commun12")));
    assert_eq!(u8::from(first.is_ok()) + u8::from(second.is_ok()), 1, "{first:?} {second:?}");
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
}
