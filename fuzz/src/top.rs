//! Recordings of kea-top, and the frames that come of them.

use kea_tools::output::live::{Colors, FrameOptions, Screen, write_json, write_text};
use kea_tools::time::Zone;
use kea_tools::top::{App, Key, Player};

/// Any recording is shown in every view and size, and nothing in it acts on the terminal.
pub fn recording(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let Some(model) = lines.next().and_then(Player::head) else { return };
    let mut app = App::new(model);
    let mut player = Player::default();
    for line in lines.take(20) {
        let Some(played) = player.line(line) else { return };
        let moment = played.moment;
        app.show(played);
        app.tick(moment);
    }
    for (width, height) in [(80, 24), (17, 3)] {
        let zone = Zone::from_variable(Some("UTC"));
        let look = FrameOptions { width, height, colors: Colors::None, is_ascii: false, zone };
        let mut screen = Screen::default();
        for key in ['1', '2', '3', '4', '5', '6', 'p', '?', '?', '-', 's', '2', '4'] {
            app.key(Key::Char(key));
            for key in [Key::Down, Key::Enter, Key::PageDown, Key::Escape] {
                app.key(key);
                let octets = screen.frame(&app, look).expect("drawing into memory");
                let is_harmless = |c: char| !c.is_control() || c == '\u{1b}';
                assert!(String::from_utf8_lossy(&octets).chars().all(is_harmless));
            }
        }
        let mut out = Vec::new();
        write_text(&app, look, &mut out).expect("writing to memory");
        write_json(&app, &mut out).expect("writing to memory");
        let shown = String::from_utf8(out).expect("text");
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    }
}
