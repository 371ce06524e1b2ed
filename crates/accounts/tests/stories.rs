//! Accounts from the first letter to a forgotten password, over a real store.
#![allow(clippy::unwrap_used)]

mod world;

use dmp_accounts::{Fault, NewAccount, PasswordFault, Proof, SecondProof, profiles, remember_profile};
use dmp_dossier::{Actor, Command, Ins, InsOid, OtpAction, OtpChannel};
use world::{PASSWORD, World, agent, from, home, marie, patient, sms};

fn other(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn the_sealed_secret_and_a_code_activate_an_account() {
    let (world, drawn) = World::with_access().await;
    let typed = format!(" {} ", drawn.secret.to_lowercase().replace('-', " "));
    let step = world.accounts.activate(&drawn.login.to_lowercase(), &typed, &home()).await.unwrap();
    assert_eq!(step.proof, Proof::Sms("•• •• •• •• 78".into()));
    assert!(!world.accounts.may_choose(&step.ticket), "not before the code");
    let code = world.code().await;
    assert!(matches!(
        world.accounts.activation_code(&step.ticket, other(&code)),
        Err(Fault::Code { tries_left: 4 })
    ));
    world.accounts.activation_code(&step.ticket, &code).unwrap();
    let refused = world.accounts.choose_password(&step.ticket, "durand durand 1984", &home()).await;
    assert!(matches!(refused, Err(Fault::Password(PasswordFault::Personal))));
    let entered = world.accounts.choose_password(&step.ticket, PASSWORD, &home()).await.unwrap();
    assert_eq!((entered.actor, entered.name.as_str()), (patient(), "Marie Durand"));
    assert!(world.mails().await.iter().any(|mail| mail.text.contains("Votre compte est activé.")));
    let again = world.accounts.choose_password(&step.ticket, PASSWORD, &home()).await;
    assert!(matches!(again, Err(Fault::Over)), "once");
    let again = world.accounts.activate(&drawn.login, &drawn.secret, &home()).await;
    assert!(matches!(again, Err(Fault::Wrong)), "the secret served");
}

#[tokio::test]
async fn nothing_tells_a_login_that_is_there_from_one_that_is_not() {
    let (world, drawn, _) = World::with_account().await;
    let wrong = "ABCD-EFGH-JKLM-NPQR";
    for login in [drawn.login.as_str(), "ZZZZZZZZZZ", "", "quelqu'un@example.org", &"A".repeat(10_000)] {
        assert!(matches!(world.accounts.activate(login, wrong, &home()).await, Err(Fault::Wrong)), "{login}");
        assert!(matches!(world.sign_in(login, "un autre mot de passe", &home()).await, Err(Fault::Wrong)));
        let step = world.accounts.forgot(login, &home()).await.unwrap();
        assert_eq!(step.proof, Proof::Untold);
        let wrong = world.accounts.recover(&step.ticket, "123", SecondProof::Sealed, wrong).await;
        assert!(matches!(wrong, Err(Fault::Code { tries_left: 4 })), "{login}: {wrong:?}");
        world.wait(24 * 3600);
    }
}

/// Whoever counts the answers learns no more than whoever reads them.
#[tokio::test]
async fn the_count_of_tries_does_not_tell_a_login_that_is_there() {
    let (world, drawn, _) = World::with_account().await;
    let stranger = from([203, 0, 113, 7], None);
    let mut told = Vec::new();
    for login in [drawn.login.as_str(), "ZZZZZZZZZZ"] {
        let spaced = format!("{} {}", &login[..4], &login[4..]);
        let (dashed, lower) = (spaced.replace(' ', "-"), login.to_lowercase());
        let mut answers = Vec::new();
        for typed in [login, &spaced, &dashed, &lower, &format!("  {login}")] {
            answers.push(format!("{:?}", world.accounts.sign_in(typed, "non", &stranger).await.err()));
        }
        answers.push(format!(
            "{:?}",
            world.accounts.sign_in(&format!("{login} "), "non", &stranger).await.err()
        ));
        world.wait(24 * 3600 + 1);
        let step = world.accounts.forgot(login, &stranger).await.unwrap();
        for _ in 0..6 {
            let wrong = world.accounts.recover(&step.ticket, "123", SecondProof::Sealed, "abcd").await;
            answers.push(format!("{:?}", wrong.err()));
        }
        world.wait(24 * 3600 + 1);
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
    assert!(told[0][5].contains("Wait"), "however it is typed, it is the same login: {:?}", told[0]);
}

#[tokio::test]
async fn challenges_of_one_address_are_bounded() {
    let world = World::new().await;
    let flood = from([203, 0, 113, 7], None);
    let given = (0..1000).filter(|_| world.accounts.challenge(&flood).is_ok()).count();
    assert_eq!(given, 600);
    assert!(matches!(world.accounts.challenge(&flood), Err(Fault::Wait { .. })));
    assert!(world.accounts.challenge(&from([203, 0, 113, 8], None)).is_ok());
}

#[tokio::test]
async fn five_wrong_codes_or_ten_minutes_end_a_sign_in() {
    let (world, drawn, _) = World::with_account().await;
    let step = world.sign_in(&drawn.login, PASSWORD, &home()).await.unwrap();
    let code = world.code().await;
    for tries_left in [4, 3, 2, 1] {
        let wrong = world.accounts.second_proof(&step.ticket, other(&code), &home()).await;
        assert!(matches!(wrong, Err(Fault::Code { tries_left: left }) if left == tries_left), "{wrong:?}");
    }
    assert!(matches!(
        world.accounts.second_proof(&step.ticket, other(&code), &home()).await,
        Err(Fault::Over)
    ));
    assert!(matches!(world.accounts.second_proof(&step.ticket, &code, &home()).await, Err(Fault::Over)));
    let step = world.sign_in(&drawn.login, PASSWORD, &home()).await.unwrap();
    let code = world.code().await;
    world.wait(600);
    assert!(matches!(world.accounts.second_proof(&step.ticket, &code, &home()).await, Err(Fault::Over)));
}

#[tokio::test]
async fn a_sign_in_is_a_password_then_a_code_and_a_new_device_is_told() {
    let (world, drawn, device) = World::with_account().await;
    let told = |mails: Vec<dmp_accounts::messenger::KeptMessage>| {
        mails.iter().filter(|mail| mail.text.contains("nouvel appareil")).count()
    };
    world.enter(&drawn.login, &from([198, 51, 100, 7], Some(&device))).await;
    assert_eq!(told(world.mails().await), 0, "the device that activated is known");
    let entered = world.enter(&drawn.login, &from([203, 0, 113, 9], None)).await;
    assert_ne!(entered.device, device);
    assert_eq!(told(world.mails().await), 1);
    let overview = world.accounts.overview(&drawn.login).await.unwrap();
    assert_eq!(overview.devices.len(), 2);
    assert_eq!(overview.devices[0].family, "Firefox, Windows");
    assert_eq!(world.accounts.login_of(&patient()).await.unwrap(), Some(drawn.login));
}

/// Bad input URL-59.
#[tokio::test]
async fn wrong_passwords_slow_an_account_down_for_all_but_its_owners_device() {
    let (world, drawn, device) = World::with_account().await;
    let mut waits = 0;
    for n in 0..200_u8 {
        let origin = from([203, 0, 113, n], None);
        match world.accounts.sign_in(&drawn.login, "un autre mot de passe", &origin).await {
            Err(Fault::Wrong) => {}
            Err(Fault::Wait { seconds }) => waits += usize::from(seconds > 0),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(waits, 195, "five tries are free, whatever the address");
    let stranger = world.accounts.sign_in(&drawn.login, PASSWORD, &from([203, 0, 113, 250], None)).await;
    assert!(matches!(stranger, Err(Fault::Wait { .. })));
    let forged = from([203, 0, 113, 250], Some(&"0".repeat(32)));
    assert!(matches!(world.accounts.sign_in(&drawn.login, PASSWORD, &forged).await, Err(Fault::Wait { .. })));
    world.enter(&drawn.login, &from([203, 0, 113, 250], Some(&device))).await;
}

#[tokio::test]
async fn a_renewed_login_leaves_the_old_account_dead() {
    let (world, drawn, _) = World::with_account().await;
    let new = world.accounts.draw().await.unwrap();
    let renew = Command::RenewWebAccess { login: new.login.clone(), secret_hash: new.secret_hash.clone() };
    world.execute(&patient(), renew).await;
    assert!(matches!(world.sign_in(&drawn.login, PASSWORD, &home()).await, Err(Fault::Wrong)));
    assert_eq!(world.accounts.login_of(&patient()).await.unwrap(), None);
    let step = world.accounts.activate(&new.login, &new.secret, &home()).await.unwrap();
    let code = world.code().await;
    world.accounts.activation_code(&step.ticket, &code).unwrap();
    world.accounts.choose_password(&step.ticket, "trois autres mots", &home()).await.unwrap();
    assert_eq!(world.accounts.login_of(&patient()).await.unwrap(), Some(new.login));
}

#[tokio::test]
async fn a_link_serves_once_and_fifteen_minutes() {
    let (world, drawn) = World::with_access().await;
    world.accounts.send_link(&sms(), &drawn.login, &drawn.secret_hash).await.unwrap();
    let token = |text: &str| text.split("lien=").nth(1).unwrap()[..32].to_owned();
    let first = token(&world.mails().await[0].text);
    world.wait(900);
    assert!(!world.accounts.is_link(&first));
    assert!(matches!(world.accounts.follow_link(&first).await, Err(Fault::Over)));
    world.accounts.send_link_again(&drawn.login, &home()).await.unwrap();
    let second = token(&world.mails().await[0].text);
    assert!(world.accounts.is_link(&second) && world.accounts.is_link(&second), "looking does not use it");
    let ticket = world.accounts.follow_link(&second).await.unwrap();
    assert!(matches!(world.accounts.follow_link(&second).await, Err(Fault::Over)));
    world.accounts.choose_password(&ticket, PASSWORD, &home()).await.unwrap();
    let before = world.mails().await.len();
    world.accounts.send_link_again(&drawn.login, &home()).await.unwrap();
    world.accounts.send_link_again("ZZZZZZZZZZ", &home()).await.unwrap();
    assert_eq!(world.mails().await.len(), before, "activated, or nobody: nothing leaves");
}

#[tokio::test]
async fn who_got_a_sealed_secret_gets_no_link_without_it() {
    let (world, drawn) = World::with_access().await;
    world.accounts.send_link_again(&drawn.login, &home()).await.unwrap();
    assert!(world.mails().await.is_empty());
}

#[tokio::test]
async fn a_recovery_wants_the_code_and_the_sealed_secret() {
    let (world, drawn, _) = World::with_account().await;
    let step = world.accounts.forgot(&drawn.login, &home()).await.unwrap();
    let code = world.code().await;
    let sealed = SecondProof::Sealed;
    let recover = async |code: &str, second: &str| {
        world.wait(60);
        world.accounts.recover(&step.ticket, code, sealed, second).await
    };
    assert!(matches!(recover(&code, "ABCD-EFGH-JKLM-NPQR").await, Err(Fault::Code { tries_left: 4 })));
    assert!(matches!(recover(other(&code), &drawn.secret).await, Err(Fault::Code { tries_left: 3 })));
    let early = world.accounts.choose_password(&step.ticket, "trois autres mots", &home()).await;
    assert!(matches!(early, Err(Fault::Over)), "not before both");
    recover(&code, &drawn.secret).await.unwrap();
    world.accounts.choose_password(&step.ticket, "trois autres mots", &home()).await.unwrap();
    assert!(matches!(world.sign_in(&drawn.login, PASSWORD, &home()).await, Err(Fault::Wrong)));
    assert!(world.sign_in(&drawn.login, "trois autres mots", &home()).await.is_ok());
    assert!(world.mails().await.iter().any(|mail| mail.text.contains("mot de passe a été changé")));
}

#[tokio::test]
async fn an_address_that_is_proved_finds_the_account_and_the_old_channel_is_told() {
    let (world, drawn, _) = World::with_account().await;
    let mail = OtpChannel::Email("Marie@Example.org".into());
    let ticket = world.accounts.prove_channel(&mail, false).await.unwrap();
    let code = world.code().await;
    assert_eq!(world.accounts.proved_channel(&ticket, &code).unwrap(), mail);
    let before = world.accounts.channels(&drawn.login).await.unwrap();
    let command = Command::ChangeOtpChannel { action: OtpAction::Add, channel: mail.clone() };
    world.execute(&patient(), command).await;
    world.accounts.channel_changed(&drawn.login, &before, &mail).await.unwrap();
    let told = world.mails().await;
    assert_eq!(told[0].to.value(), "0612345678");
    assert!(told[0].text.contains("Vos codes arrivent maintenant ailleurs."));
    assert!(world.sign_in("marie@example.org", PASSWORD, &home()).await.is_ok());
    assert!(world.sign_in("personne@example.org", PASSWORD, &home()).await.is_err());
}

#[tokio::test]
async fn a_proof_again_is_of_the_same_account() {
    let (world, drawn, _) = World::with_account().await;
    world.accounts.confirm_password(&drawn.login, PASSWORD, &home()).await.unwrap();
    assert!(matches!(world.accounts.confirm_password(&drawn.login, "non", &home()).await, Err(Fault::Wrong)));
    let step = world.accounts.start_confirm(&drawn.login, &home()).await.unwrap();
    let code = world.code().await;
    assert!(matches!(world.accounts.confirm_code("ZZZZZZZZZZ", &step.ticket, &code), Err(Fault::Over)));
    world.accounts.confirm_code(&drawn.login, &step.ticket, &code).unwrap();
    assert!(matches!(world.accounts.confirm_code(&drawn.login, &step.ticket, &code), Err(Fault::Over)));
}

#[tokio::test]
async fn an_operator_makes_the_account_of_an_agent() {
    let world = World::new().await;
    let new = NewAccount {
        login: "agent1".into(),
        actor: Actor::ReceptionAgent(agent()),
        name: "Agnès Petit".into(),
        channel: OtpChannel::Email("agnes@caisse.example.org".into()),
    };
    let drawn = world.accounts.register(new.clone()).await.unwrap();
    assert!(matches!(world.accounts.register(new.clone()).await, Err(Fault::Taken)));
    let patient = NewAccount { login: "marie1".into(), actor: patient(), ..new };
    assert!(matches!(world.accounts.register(patient).await, Err(Fault::Wrong)), "theirs is the dossier's");
    assert!(matches!(world.sign_in("agent1", PASSWORD, &home()).await, Err(Fault::Wrong)), "not active yet");
    let step = world.accounts.activate("agent1", &drawn.secret, &home()).await.unwrap();
    let code = world.code().await;
    world.accounts.activation_code(&step.ticket, &code).unwrap();
    let entered = world.accounts.choose_password(&step.ticket, PASSWORD, &home()).await.unwrap();
    assert_eq!((entered.actor, entered.name.as_str()), (Actor::ReceptionAgent(agent()), "Agnès Petit"));
    assert!(matches!(world.accounts.activate("agent1", &drawn.secret, &home()).await, Err(Fault::Wrong)));
}

#[tokio::test]
async fn profiles_are_remembered() {
    let world = World::new().await;
    let leo = Ins::parse("118033523802725", InsOid::Test).unwrap();
    assert!(profiles(&world.store, marie().value()).await.unwrap().is_empty());
    remember_profile(&world.store, marie().value(), &leo, "Léo Durand").await.unwrap();
    remember_profile(&world.store, marie().value(), &leo, "Léo Martin").await.unwrap();
    let held = profiles(&world.store, marie().value()).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].of.clone(), held[0].name.as_str()), (leo, "Léo Martin"));
}

#[tokio::test]
async fn what_a_browser_answers_to_nothing_is_nobody() {
    let (world, drawn, _) = World::with_account().await;
    let (ticket, options) = world.accounts.challenge(&home()).unwrap();
    assert!(options.contains("challenge"));
    assert!(matches!(world.accounts.passkey(&ticket, "{}", &home()).await, Err(Fault::Wrong)));
    assert!(
        matches!(world.accounts.passkey(&ticket, "{}", &home()).await, Err(Fault::Over)),
        "a challenge is once"
    );
    let (ticket, _) = world.accounts.start_passkey(&drawn.login).await.unwrap();
    assert!(matches!(
        world.accounts.add_passkey(&drawn.login, &ticket, "null", &home()).await,
        Err(Fault::Wrong)
    ));
}
