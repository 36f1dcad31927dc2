//! What the programs print, as a user sees it: the transcripts of `tests/cli`, of the README and of the pages in docs.
//!
//! `TRYCMD=overwrite cargo test --test ring1 transcripts` writes what is printed today into them.

#[test]
fn programs_print_what_the_transcripts_show() {
    trycmd::TestCases::new().case("tests/cli/*.md").case("README.md").case("docs/*.md");
}
