//! Tests of the content of documents, and that no text from the file can be markup.

use super::*;
use crate::shell::render::escape::acts;
use crate::shell::render::examples::{day, hostile, in_pipe, moves, queues, shown};
use crate::shell::render::time::DisplayClock;
use crate::shell::render::{Audience, Format};

fn section(reply: &Reply) -> String {
    shown(reply, &in_pipe(Format::Html))
}

/// Returns the tags of a text as `name attribute attribute`, and fails on a misplaced quote or
/// bracket.
fn tags(text: &str) -> Vec<String> {
    let mut tags = Vec::new();
    for piece in text.split('<').skip(1) {
        let (tag, after) = piece.split_once('>').expect("every tag ends");
        assert!(!after.contains('>') && tag.matches('"').count() % 2 == 0, "{piece}");
        let outside: String = tag.split('"').step_by(2).collect();
        assert!(!outside.contains('\''), "{piece}");
        tags.push(outside.trim_end_matches('/').replace('=', ""));
    }
    tags
}

/// Text from somebody who tries to inject markup.
const ATTACK: &str = "</title></pre></td></script><script>alert('1')</script>\"><img src=x onerror=alert(1)> \
    ' onmouseover='alert(1)' &lt;b&gt; \x1b[2J\u{202e}\u{2066}\0\u{feff}";

#[test]
fn no_text_is_markup() {
    let known = tags(
        &[day(), queues(), hostile(), Reply::lines("a", "b"), Reply::prose("a", "b")]
            .map(|r| section(&r))
            .join(""),
    );
    let mut reply = queues();
    for row in &mut reply.rows {
        row[0] = ATTACK.into();
        row[1] = ATTACK.into();
    }
    reply.columns.iter_mut().skip(1).for_each(|column| column.name = ATTACK.to_owned());
    for along in ["queue", "absent"] {
        for shape in [Shape::Rows, Shape::Moves, Shape::Lines, Shape::Prose] {
            reply.shape = shape;
            let chart = reply.chart.as_mut().expect("a chart");
            (chart.title, chart.along) = (ATTACK.to_owned(), along);
            chart.labels.fill(ATTACK.to_owned());
            let text = section(&reply);
            assert!(!text.contains(|character| acts(character) && character != '\n'), "{text:?}");
            for tag in tags(&text) {
                assert!(known.contains(&tag) || tag == "td class title", "{tag}: {text}");
            }
        }
    }
    let mut out = Vec::new();
    head(&mut out, ATTACK, Moment(0), &DisplayClock::anywhere()).expect("memory");
    let text = String::from_utf8(out).expect("text");
    assert!(!text.contains("<script") && !text.contains("<img") && text.matches("</title>").count() == 1);
}

#[test]
fn a_moves_name_is_no_markup() {
    let text = section(&moves(&[("1", "x", Some("<b>"), ATTACK, Some("&"), Some("\"'"))]));
    assert_eq!(tags(&text), ["section", "pre class tabindex", "/pre", "/section"]);
    assert!(text.contains("&lt;b&gt; → &lt;/title&gt;"), "{text}");
}

#[test]
fn the_head_forbids_everything_but_its_own_style() {
    let mut out = Vec::new();
    head(&mut out, "desk.db", Moment(1_772_442_847_204), &DisplayClock::anywhere()).expect("memory");
    let text = String::from_utf8(out).expect("text");
    assert!(text.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"));
    assert!(text.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
    assert!(text.contains("<title>Switchboard, desk.db</title>"));
    assert!(text.contains(
        "<time datetime=\"2026-03-02T09:14:07.204Z\" title=\"2026-03-02T09:14:07.204Z\">2026-03-02 09:14 UTC<"
    ));
    assert!(
        ["http:", "https:", "url(", "@import", "<script", "src="].iter().all(|link| !text.contains(link))
    );
}

#[test]
fn people_read_the_cells_and_the_exact_value_is_there() {
    let mut reply =
        Reply::with_columns(&["conversation", "wait_ms", "level", "opened_at", "agent", "subject"]);
    let at = "2026-03-02T09:14:07.204Z";
    let first =
        [12.into(), 250_000.into(), Value::Real(0.743_123_4), at.into(), Value::Null, "a\r\nb".into()];
    reply.rows.push(first.to_vec());
    reply.rows.push(vec![7.into(), Value::Null, Value::Real(1.0), "soon".into(), Value::Null, "x".into()]);
    let text = section(&reply);
    for part in [
        "<th scope=\"col\" class=\"n key\" title=\"conversation\">#</th>",
        "<th scope=\"col\" class=\"n\" title=\"wait_ms\">wait</th>",
        "<tr><td class=\"n key\" title=\"12\">12</td>",
        "<td class=\"n\" title=\"250000 ms\">4m 10s</td>",
        "<td class=\"n\" title=\"0.7431234\">0.7431</td>",
        "<td class=\"n\" title=\"1.0\">1.0000</td>",
        "<time datetime=\"2026-03-02T09:14:07.204Z\" title=\"2026-03-02T09:14:07.204Z\">2026-03-02 09:14:07</time>",
        "<td class=\"w\">soon</td>",
        "<td class=\"n none\">–</td>",
        "<td class=\"t\">a\nb</td>",
        "<p class=\"foot\">2 rows, moments in UTC</p>\n</section>\n",
    ] {
        assert!(text.contains(&part.replace(" title=\"12\"", "")), "{part}: {text}");
    }
}

#[test]
fn a_day_is_drawn_panel_by_panel_above_its_table() {
    let text = section(&day());
    assert_eq!(text.matches("<svg ").count(), 3);
    assert!(text.contains("<h3>2026-03-02, Europe/Berlin</h3>"));
    assert!(text.contains("role=\"img\" aria-label=\"arrivals by hour: most 14, at 09\""), "{text}");
    assert!(text.contains("<title>14: 11 arrivals</title>"), "{text}");
    assert!(text.find("</svg>") < text.find("<table>"));
    // The cell shows local time; its attributes contain the exact timestamp.
    let hour = "<time datetime=\"2026-03-01T23:00:00.000Z\" title=\"2026-03-01T23:00:00.000Z\">00</time>";
    assert!(text.contains(hour) && text.contains("<p class=\"foot\">24 rows</p>"), "{text}");
}

#[test]
fn odd_charts_draw_what_there_is() {
    let mut reply = day();
    reply.rows.truncate(1);
    reply.rows[0][1] = Value::Integer(i64::MAX);
    reply.rows[0][2] = Value::Real(f64::MAX);
    reply.rows[0][3] = Value::Real(f64::NAN);
    let text = section(&reply);
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    assert_eq!(text.matches("class=\"bar\"").count(), 2, "{text}");
    reply.rows.clear();
    let text = section(&reply);
    assert!(!text.contains("<svg") && text.contains("nothing"), "{text}");
    let mut many = queues();
    many.rows = vec![many.rows[0].clone(); 3_000];
    let text = section(&many);
    assert!(!text.contains("\"-") && text.matches("<tr>").count() == 3_001);
}

#[test]
fn it_is_the_same_for_every_reader_and_quiet_says_less() {
    let options = in_pipe(Format::Html);
    let people = RenderOptions { people: Audience::People, ..options.clone() };
    assert_eq!(shown(&queues(), &options), shown(&queues(), &people));
    let quiet = RenderOptions { quiet: Quiet::On, ..options };
    assert!(!shown(&queues(), &quiet).contains("4 rows"));
}
