#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kea_tools_fuzz::load::load_answers(data));
