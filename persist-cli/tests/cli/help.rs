use crate::library::packed;
use crate::process::Folder;

const COMMANDS: [&str; 12] = [
    "show",
    "convert",
    "diff",
    "verify",
    "weigh",
    "schema",
    "log",
    "history",
    "salvage",
    "compact",
    "completions",
    "man",
];

#[test]
fn help_and_manual_describe_all_commands_and_the_exit_status() {
    let folder = Folder::new();
    let help = folder.run(&["--help"]).good();
    let manual = folder.run(&["man"]).good();
    for text in [&help, &manual] {
        for command in COMMANDS {
            assert!(text.contains(command), "{command}");
        }
        assert!(text.contains("The exit status is 0 if all went well"), "{text}");
    }
    for command in COMMANDS {
        assert!(folder.run(&[command, "--help"]).good().contains("Usage: persist"), "{command}");
        let page = folder.run(&["man", command]).good();
        assert!(page.contains(&format!(".TH persist-{command}")), "{page}");
    }
    for command in ["diff", "verify", "salvage", "log"] {
        assert!(folder.run(&[command, "--help"]).good().contains("The exit status is 0 if"), "{command}");
        assert!(folder.run(&["man", command]).good().contains("The exit status is 0 if"), "{command}");
    }
    assert!(folder.run(&["man", "none"]).trouble().starts_with("none: is no command; there are show, "));
    assert!(folder.run(&["--version"]).good().starts_with("persist "));
}

#[test]
fn shells_complete_the_commands() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.run(&["completions", shell]).good();
        assert!(script.contains("convert") && script.contains("unordered"), "{shell}");
    }
    assert_eq!(folder.run(&["completions", "none"]).status, 2);
}

#[test]
fn wrong_arguments_are_trouble() {
    let folder = Folder::new();
    for arguments in [&["none"][..], &["show", "a", "b", "c"], &["convert", "a"], &["show", "--limit", "x"]] {
        let ended = folder.run(arguments);
        assert_eq!(ended.status, 2, "{arguments:?}");
        assert!(ended.err.contains("--help"), "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn files_that_are_none() {
    let folder = Folder::new();
    folder.write("good", packed(&1));
    for command in ["show", "weigh"] {
        assert_eq!(folder.run(&[command, "none"]).trouble(), "none: is not there; see that the name is right");
        assert_eq!(folder.run(&[command, "."]).trouble(), ".: is a folder; name a file in it");
    }
    assert_eq!(folder.run(&["diff", "good", "."]).trouble(), ".: is a folder; name a file in it");
    assert_eq!(folder.run(&["convert", "none", "a.json"]).trouble(), "none: is not there; see that the name is right");
    assert!(folder.run(&["convert", "good", ".", "--to", "json"]).trouble().starts_with(".: "));
}
