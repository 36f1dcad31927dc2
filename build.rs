//! Links the part of libgcc that unwinds into the programs. It is small, and to load the shared library instead takes a
//! probe a tenth of its time.

#[allow(clippy::disallowed_methods, reason = "cargo tells a build script by variables")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-lib=gcc_eh");
    }
}
