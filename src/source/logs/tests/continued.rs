//! Logs that change between runs and while they are read.

use super::*;

#[test]
fn a_log_that_was_cut_is_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let wanted = [LogSource::File(path.clone())];
    let bare = format!("{LINE}1\n");
    for (before, after, later, expected) in [
        (log(&[1, 2, 3]), log(&[1, 2]), log(&[1, 2, 4]), 1),
        // Without times it may be a new log that begins in the same way.
        (bare.repeat(3), bare.repeat(2), bare.repeat(3), 1),
    ] {
        fs::write(&path, before).unwrap();
        let read = |state: &State| {
            let mut logs = Logs::open(&wanted, how(), Some(state));
            let mut count = 0;
            logs.each(&mut |_, _, _| {
                count += 1;
                true
            });
            (count, logs.positions())
        };
        let (_, state) = read(&State::default());
        fs::write(&path, &after).unwrap();
        let (_, state) = read(&state);
        fs::write(&path, &later).unwrap();
        assert_eq!(read(&state).0, expected, "{after}{later}");
    }
}

#[test]
fn a_log_that_is_emptied_while_it_is_read_loses_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let wanted = [LogSource::File(path("k.log")), LogSource::File(path("other.log"))];
    fs::write(path("k.log"), log(&[1])).unwrap();
    fs::write(path("other.log"), log(&[9])).unwrap();
    let (_, state) = since(&State::default(), &wanted);
    fs::write(path("k.log"), log(&[1, 2])).unwrap();
    let mut logs = Logs::open(&wanted, how(), Some(&state));
    // Rotation by copying.
    fs::copy(path("k.log"), path("k.log.1")).unwrap();
    fs::write(path("k.log"), log(&[3])).unwrap();
    let mut found = Vec::new();
    logs.each(&mut |message, _, _| {
        found.push(message.time.unwrap().div_euclid(SECOND) % 60);
        true
    });
    let state = logs.positions();
    found.extend(since(&state, &wanted).0);
    assert_eq!(found, [2, 3]);
}
