//! Our reader of Kea's configuration takes what Kea takes, and refuses what Kea refuses.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use kea_tools::config::json;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use crate::program::run;

/// A folder with a configuration file and what it includes.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::Builder::new().prefix("kea-system.").tempdir().unwrap());
        folder.write("members", b"\"a\": 1, \"b\": [ 2,");
        folder.write("items", b" 3 ] // no newline");
        folder.write("one", b"1");
        folder.write("nothing", b"");
        folder.write("itself", b"<?include \"itself\"?>");
        folder.write("mark", b"\xef\xbb\xbf1");
        for n in 0..13 {
            folder.write(&format!("deep{n}"), format!("<?include \"deep{}\"?>", n + 1).as_bytes());
        }
        folder.write("deep13", b"1");
        folder
    }

    fn write(&self, name: &str, text: &[u8]) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn kea_takes(&self, text: &[u8]) -> bool {
        self.write("kea.conf", text);
        let mut kea = Command::new("/usr/sbin/kea-dhcp4");
        kea.current_dir(self.0.path()).env("KEA_LOCKFILE_DIR", "none").args(["-t", "kea.conf"]);
        run(&mut kea).status == 0
    }

    /// Read from elsewhere, so that the includes are found beside the file.
    fn we_take(&self, text: &[u8]) -> bool {
        let mut reader = |path: &Path| {
            if path.is_absolute() { fs::read(path) } else { Err(io::ErrorKind::NotFound.into()) }
        };
        json::parse(&self.0.path().join("kea.conf"), text.to_vec(), &mut reader).fault.is_none()
    }

    #[track_caller]
    fn agree(&self, text: &[u8]) {
        assert_eq!(self.we_take(text), self.kea_takes(text), "{}", text.escape_ascii());
    }
}

/// Kea takes anything at all as a user context.
fn within(value: &[u8]) -> Vec<u8> {
    [b"{\"Dhcp4\": {\"user-context\": {\"x\": ", value, b"}}}"].concat()
}

#[rustfmt::skip]
const VALUES: &[&[u8]] = &[
    b"1", b"-1", b"+1", b"007", b"-01", b"1.5", b".5", b"5.", b"-.5", b"+1.5", b"1e5", b"1E+5", b"1.e3", b"1e-400",
    b"9223372036854775807", b"-9223372036854775808", b"9223372036854775808", b"1e400", b"1e", b"-", b".", b"--1",
    b"1-2", b"0x10", b"1_0", b"tru", b"True", b"truefalse", b"1true", b"nulll", b"null", b"\"a\" \"b\"", b"'a'",
    br#""\"\\\/\b\f\n\r\tA\u00fF\u0000""#, br#""\u0100""#, br#""\u00""#, br#""\x41""#, br#""\'""#, b"\"\\\n\"",
    b"\"\x7f\xff\xc3\"", b"\"a\tb\"", b"\"a\nb\"", b"[1,,2]", b"[1,]", b"[1,,]", b"[,]", b"[]", b"{}", b"{,}",
    b"{\"a\":1,,}", b"{\"a\":1,,\"b\":2}", b"{\"a\":1 \"b\":2}", b"{\"a\":1,\"a\":2}", br#"{"\u0041":1,"A":2}"#,
    b"{\"\":1}", b"{a:1}", b"{1:1}", b"1/* x */", b"/* /* */ 1", b"1 /* x", b"1 // x\n", b"1# x\n", b"//x\r1",
    b"\x0c1", b"\x0b1", b"1\x00", b"\xa01", b"\xc3\xa4", b"<?include \"one\"?>", b"<?include\"one\"?>",
    b"<? \n include\t\"one\"\r\n?>", b"<?include \"one\" x?>", b"<?include \"one\" \"one\"?>", b"<?include \"one\"",
    b"<?Include \"one\"?>", b"<?/**/include \"one\"?>", b"<? ?>1", b"<?include \"\"?>", b"<?include \"gone\"?>",
    b"<?include \".\"?>", b"<?include \"itself\"?>", b"<?include \"mark\"?>", b"<?include \"nothing\"?>",
    br#"<?include "\u006fne"?>"#, b"{<?include \"members\"?> <?include \"items\"?>}", b"{<?include \"members\"?>",
    b"<?include \"one\"?><?include \"one\"?>", b"<?include \"deep2\"?>", b"<?include \"deep3\"?>", b"\"<?include\"",
];

const FILES: &[&[u8]] = &[
    b"",
    b"\n",
    b"# nothing",
    b"[]",
    b"{}",
    b"1",
    b"\xef\xbb\xbf{\"Dhcp4\":{\"valid-lifetime\":1}}",
    b"{\"Dhcp4\":{\"valid-lifetime\":1}} // x",
    b"{\"Dhcp4\":{\"valid-lifetime\":1}} /* x",
    b"{\"Dhcp4\":{\"valid-lifetime\":1}} x",
    b"{\"Dhcp4\":{\"valid-lifetime\":1},}",
    b"{\"Dhcp4\":{\"valid-lifetime\":1},,}",
    b"{\"Dhcp4\":{\"valid-lifetime\":1}},",
    b"{\"Dhcp4\":{\"valid-lifetime\":1}}{",
    b"{,\"Dhcp4\":{\"valid-lifetime\":1}}",
    b"{\"Dhcp4\":{\"valid-lifetime\":1}}<?include \"nothing\"?>",
    b"{\"Dhcp4\":{\"valid-lifetime\":1}",
];

#[test]
#[ignore = "needs kea-dhcp4: run scripts/test"]
fn every_oddity_of_the_dialect_is_taken_or_refused_as_by_kea() {
    let folder = Folder::new();
    assert!(folder.kea_takes(&within(b"1")), "kea-dhcp4 -t refuses everything");
    for value in VALUES {
        folder.agree(&within(value));
    }
    for file in FILES {
        // Kea wants to find Dhcp4; our reader of the mere dialect does not mind.
        let other_content = matches!(*file, b"[]" | b"{}" | b"1");
        assert_eq!(folder.we_take(file), folder.kea_takes(file) || other_content, "{}", file.escape_ascii());
    }
}

/// Values as Kea takes them, with a mistake now and then.
fn nearly_a_value() -> impl Strategy<Value = String> {
    let pick = |words: &'static [&'static str]| prop::sample::select(words);
    let scalar = pick(&["1", "-2.5", "true", "null", "\"s\"", "\"\\u00e4\"", "ture", "<?include \"one\"?>"]);
    scalar.prop_map(str::to_owned).prop_recursive(4, 20, 4, move |inner| {
        let gap = pick(&["", " ", "\n", "/* c */", "# c\n", "// c\n"]);
        let comma = pick(&[",", ",", ",", ",", ", ,", ",,,", ""]);
        let name = pick(&["\"a\":", "\"b\" :", "\"c\"/**/:", "\"d\":", "\"e\":", "\"f\"", "g:"]);
        let item =
            (gap.clone(), inner.clone(), comma.clone()).prop_map(|(gap, value, comma)| gap.to_owned() + &value + comma);
        let member =
            (name, gap, inner, comma).prop_map(|(name, gap, value, comma)| format!("{name}{gap}{value}{comma}"));
        prop_oneof![
            prop::collection::vec(item, 0..4).prop_map(|items| format!("[{}]", items.concat())),
            prop::collection::vec(member, 0..3).prop_map(|members| format!("{{{}}}", members.concat())),
        ]
    })
}

#[test]
#[ignore = "needs kea-dhcp4: run scripts/test"]
fn whatever_is_nearly_right_is_taken_or_refused_as_by_kea() {
    let folder = Folder::new();
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&nearly_a_value(), |value| {
        let text = within(value.as_bytes());
        prop_assert_eq!(folder.we_take(&text), folder.kea_takes(&text));
        Ok(())
    });
    checked.unwrap();
}
