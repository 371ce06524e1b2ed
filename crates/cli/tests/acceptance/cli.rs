//! The command line: tokens, export, explanation, directories of the demo and of a deployment, help.

mod deployment;
mod export;
mod token;

use crate::tools::dmp;

#[test]
fn every_subcommand_has_help() {
    let help = dmp(["--help"]);
    assert_eq!(help.code, Some(0));
    let listed = help.out.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for expected in ["demo", "serve", "init", "token", "publish", "verify", "export", "explain", "help"] {
        assert!(commands.contains(&expected), "{expected} in {commands:?}");
    }
    for command in commands.into_iter().filter(|command| *command != "help") {
        for arguments in [[command, "--help"], ["help", command]] {
            let run = dmp(arguments);
            assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{arguments:?}");
            assert!(run.out.contains("Usage: dmp"), "{arguments:?}: {}", run.out);
        }
    }
    let unknown = dmp(["frobnicate"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (Some(2), ""), "{}", unknown.err);
}
