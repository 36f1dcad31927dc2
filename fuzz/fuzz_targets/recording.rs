#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kea_tools_fuzz::top::recording(data));
