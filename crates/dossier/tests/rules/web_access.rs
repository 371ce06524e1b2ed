//! The patient's access by internet: who opens and changes it, and what it holds.

use crate::table;

const SETUP: &str = "cpam open born=20150301 reps=mere:parent
     patient authorise martin
     patient authorise roux mt profession=10";

#[test]
fn an_access_is_opened_once_by_who_may_change_administrative_data() {
    table(
        SETUP,
        "martin     web-open marie123               -> done
         roux       web-open marie123               -> done
         cpam       web-open marie123               -> done
         patient    web-open marie123               -> done
         # whoever holds the secrets enters as the patient
         mere       web-open marie123               -> refused AccessDenied FCT-2
         kone       web-open marie123               -> refused NotAuthorised ACC-5
         cert0      web-open marie123               -> refused AccessDenied FCT-1
         martin/glace web-open marie123             -> refused AccessDenied FCT-1
         travail    web-open marie123               -> refused AccessDenied FCT-5
         insurer    web-open marie123               -> refused AccessDenied FCT-6
         patient block martin ; martin web-open marie123 -> refused Blocked ACC-2
         patient close ; martin web-open marie123   -> refused DossierClos ACC-1
         martin     web-open marie123 ; roux web-open autre123     -> refused WebAccessExists WEB-1
         martin     web-open marie123 ; martin web-open marie123   -> nothing_to_do
         martin     web-open marie123 ; martin web-open marie123 secret=$x -> refused WebAccessExists WEB-1
         martin     web-renew marie124              -> refused WebAccessMissing WEB-1
         martin     web-open marie123 ; roux web-renew marie124    -> done
         martin     web-open marie123 ; roux web-renew marie123    -> nothing_to_do
         martin     web-open marie123 ; roux web-renew marie123 secret=$x -> done
         martin     otp add sms=0600000000          -> refused WebAccessMissing WEB-1",
    );
}

#[test]
fn what_is_kept_has_its_form() {
    table(
        SETUP,
        "martin web-open abc                               -> refused InvalidRequest WEB-3
         martin web-open mariée                            -> refused InvalidRequest WEB-3
         martin web-open marie123 secret=en-clair          -> refused InvalidRequest WEB-3
         martin web-open marie123 sms=060000000a           -> refused InvalidRequest WEB-3
         martin web-open marie123 sms=06                   -> refused InvalidRequest WEB-3
         martin web-open marie123 sms=+33.6.00.00.00.00    -> done
         martin web-open marie123 email=marie              -> refused InvalidRequest WEB-3
         martin web-open marie123 email=marie@rennes       -> refused InvalidRequest WEB-3
         martin web-open marie123 email=a@b@c.fr           -> refused InvalidRequest WEB-3
         martin web-open marie123 email=marie@exemple.fr   -> done",
    );
}

#[test]
fn there_is_one_channel_of_each_kind_and_one_at_least() {
    table(
        &format!("{SETUP}\nmartin web-open marie123 sms=0600000000"),
        "martin otp add sms=0600000000                                  -> nothing_to_do
         martin otp add sms=0611111111                                  -> refused ChannelExists WEB-2
         martin otp add email=marie@exemple.fr                          -> done
         martin otp replace sms=0611111111                              -> done
         martin otp replace sms=0600000000                              -> nothing_to_do
         martin otp replace email=marie@exemple.fr                      -> refused ChannelMissing WEB-2
         martin otp remove sms=0600000000                               -> refused LastChannel WEB-2
         martin otp remove sms=0611111111                               -> refused ChannelMissing WEB-2
         martin otp remove email=marie@exemple.fr                       -> refused ChannelMissing WEB-2
         martin otp add email=a@b.fr ; martin otp remove sms=0600000000 -> done
         martin otp add email=a@b.fr ; martin otp remove sms=0600000000 ; martin otp remove email=a@b.fr -> refused LastChannel WEB-2
         mere   otp add email=a@b.fr                                    -> refused AccessDenied FCT-2",
    );
}
