//! Generates the code for all fixtures, each into a file of its own, and for the lexicons that are
//! hard to name, into one file per module.

#[path = "../fixtures/settings.rs"]
mod settings;
mod torture;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use lexgen::Config;

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let fixtures = Path::new("../fixtures");
    println!("cargo::rerun-if-changed=../fixtures");
    println!("cargo::rerun-if-changed=torture");
    let mut modules = String::new();
    // A library is a crate of its own, and not a module of this one.
    for folder in settings::folders(fixtures).iter().filter(|folder| settings::name(folder) != "library") {
        let name = settings::name(folder);
        let file = out.join(format!("{name}.rs"));
        generate(settings::config(folder).out_file(&file), name == "dangling");
        let module = name.replace('-', "_");
        modules += &format!("/// The fixture `{name}`.\npub mod {module} {{\n    include!({file:?});\n}}\n");
    }
    fs::write(out.join("fixtures.rs"), modules).expect("a writable OUT_DIR");
    let elsewhere = Config::new().official(false).lexicons(fixtures.join("extern-path/foreign"));
    generate(elsewhere.out_file(out.join("elsewhere.rs")), false);
    let hard = torture::documents().into_iter().fold(Config::new().official(false), |config, document| {
        config.lexicon_text(document["id"].to_string(), document.to_string())
    });
    generate(hard.out_dir(out.join("torture")), false);
}

fn generate(config: Config, warns: bool) {
    let report = config.try_generate().unwrap_or_else(|dx| panic!("{}", dx.to_text(lexgen::diagnostic::Style::Plain)));
    assert_eq!(!report.warnings.is_empty(), warns, "{}", report.warnings);
}
