//! What completion scripts lack as clap writes them: words after `=`, lists of words, names of interfaces.

/// The options that name an interface, as their scripts have them.
const INTERFACE: [&str; 3] = ["-I", "--interface", "--iface"];

/// The script of bash.
///
/// Bash makes a word of its own of `=`, and hands over a whole list as one word.
pub(super) fn bash(program: &str, script: &str) -> String {
    let function = format!("_{}", program.replace('-', "__"));
    let wrapper = WRAPPER.replace("FUNCTION", &function);
    let files = "COMPREPLY=($(compgen -f \"${cur}\"))";
    let interfaces = "COMPREPLY=($(compgen -W \"$(ls /sys/class/net)\" -- \"${cur}\"))";
    let mut text = script.replace(&format!("complete -F {function} "), &format!("complete -F {function}_word "));
    for option in INTERFACE {
        let case = |words: &str| format!("                {option})\n                    {words}\n");
        text = text.replace(&case(files), &case(interfaces));
    }
    let (functions, end) = text.rsplit_once("\nif [[").unwrap();
    format!("{functions}\n{wrapper}\nif [[{end}")
}

const WRAPPER: &str = r#"# The same words after "=", and after each comma of a list.
FUNCTION_word() {
    local word="$2" before="$3"
    if [[ $before == "=" ]]; then
        before="${COMP_WORDS[COMP_CWORD-2]}"
    fi
    FUNCTION "$1" "$word" "$before"
    if [[ ${#COMPREPLY[@]} -eq 0 && $word == *,* ]]; then
        FUNCTION "$1" "${word##*,}" "$before"
        COMPREPLY=("${COMPREPLY[@]/#/${word%,*},}")
    fi
}
"#;

/// The script of fish.
pub(super) fn fish(script: &str) -> String {
    let is_interface = |line: &str| line.contains(" -l interface ") || line.contains(" -l iface ");
    let line = |line: &str| {
        let names =
            if is_interface(line) && line.ends_with(" -r") { " -f -a '(command ls /sys/class/net)'" } else { "" };
        format!("{line}{names}\n")
    };
    script.lines().map(line).collect()
}

/// The script of zsh.
pub(super) fn zsh(script: &str) -> String {
    let begins = ["-I+[", "--interface=[", "--iface=["];
    let line = |line: &str| match line.strip_suffix(":_default' \\") {
        Some(option) if begins.iter().any(|begin| line.contains(begin)) => format!("{option}:_net_interfaces' \\\n"),
        _ => format!("{line}\n"),
    };
    script.lines().map(line).collect()
}
