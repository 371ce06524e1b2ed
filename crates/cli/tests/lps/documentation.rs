//! Every command that `docs/lps.md` and the help show is run as it is written, by a shell, in a directory that has what
//! the page says was made before.

use crate::common::{DMP, Demo};
use crate::office::{Office, Said};
use crate::tls::Served;
use std::os::unix::fs::symlink;
use std::process::Command;

/// A shell line of a page, and what the page says it prints.
struct Line {
    command: String,
    prints: Option<String>,
}

/// The lines of the `sh` blocks of a page; a line of comment alone says what the command above prints.
fn lines(page: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for block in page.split("```sh\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            match line.strip_prefix("# ") {
                Some(said) => lines.last_mut().unwrap().prints = Some(said.to_owned()),
                None => lines.push(Line { command: line.to_owned(), prints: None }),
            }
        }
    }
    lines
}

/// The commands of a help text, without what is said beside them.
fn examples(help: &str) -> Vec<String> {
    let commands =
        help.lines().filter_map(|line| line.strip_prefix("  ")).filter(|l| l.starts_with("dmp lps"));
    commands.map(|line| line.split("    ").next().unwrap().to_owned()).collect()
}

/// Runs a line by a shell for which `dmp` is the binary under test.
fn shell(office: &Office, line: &str) -> Said {
    let bin = office.path("bin");
    if !bin.exists() {
        std::fs::create_dir(&bin).unwrap();
        symlink(DMP, bin.join("dmp")).unwrap();
    }
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.arg("-c").arg(line).current_dir(office.dir()).env("PATH", path).env("DMP_URL", &office.url);
    Said::of(command.output().unwrap())
}

/// A demo as the page starts it, with fewer dossiers, since Marie's is the one that matters; its sandbox is the page's to
/// make.
fn demo() -> Office {
    let demo = Demo::start_with(&["--dossiers", "5"]);
    symlink(demo.data(), demo.dir.join("dmp-demo")).unwrap();
    let url = format!("http://{}", demo.authority);
    Office { demo, url }
}

/// Documents of the reader's own, never published before.
fn write_documents(office: &Office) {
    for name in ["letter.xml", "report.xml"] {
        let file = office.synthesis().0;
        std::fs::rename(office.path(&file), office.path(name)).unwrap();
    }
}

/// Runs what `--help` shows and the page does not.
fn run_help(office: &Office, page: &str) {
    let help = office.dmp(&["lps", "--help"]);
    let found = examples(&help.out);
    assert!(found.len() >= 9, "{}", help.out);
    write_documents(office);
    for command in found.iter().filter(|command| !page.contains(&format!("{command}\n"))) {
        let said = shell(office, command);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{command}: {said:?}");
    }
}

#[test]
fn every_command_of_the_page_and_of_the_help_does_what_it_says() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lps.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut office = demo();
    write_documents(&office);
    let mut served = None;
    let mut run = 0;
    for Line { command, prints } in lines(&page) {
        let (first, rest) = command.split_once(' ').unwrap();
        let said = match first {
            // Started above with the arguments of the page, but for its port.
            "cargo" => {
                assert!(rest.starts_with("run --release -- demo --data dmp-demo "), "{command}");
                continue;
            }
            "export" => {
                assert_eq!(rest, "DMP_URL=http://127.0.0.1:8080");
                continue;
            }
            "less" => {
                let files = rest.split_whitespace();
                assert!(files.into_iter().all(|file| office.path(file).is_file()), "{command}");
                continue;
            }
            "curl" if Command::new("curl").arg("--version").output().is_err() => {
                eprintln!("skipped: no curl to send a message again");
                continue;
            }
            "dmp" if rest.contains("https://localhost:8443") => {
                let served = served.get_or_insert_with(|| {
                    run_help(&office, &page);
                    Served::instead_of(&mut office.demo, &[])
                });
                shell(&office, &command.replace("https://localhost:8443", &served.url))
            }
            "curl" | "dmp" => shell(&office, &command),
            _ => panic!("a command of another kind: {command}"),
        };
        run += 1;
        assert_eq!(said.code, 0, "{command}: {said:?}");
        if let Some(prints) = prints {
            assert_eq!(said.lines(), [prints], "{command}");
        }
        if first == "curl" {
            // The message unchanged, so the answer that it had.
            assert!(said.out.contains("PRPA_IN201308UV02"), "{command}: {said:?}");
        }
    }
    assert!(run >= 9, "{run} commands were found in the page");
    assert!(served.is_some(), "the page ends over TLS, and the help was run before");
}

#[test]
fn the_page_names_every_command() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lps.md");
    let page = std::fs::read_to_string(page).unwrap();
    let help = Command::new(DMP).args(["lps", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    for command in commands.lines().filter_map(|line| line.split_whitespace().next()) {
        let named = page.contains(&format!("`{command}`")) || page.contains(&format!("dmp lps {command} "));
        assert!(named || command == "help", "`{command}` is not in the page");
    }
}
