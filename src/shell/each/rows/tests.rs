//! Tests of valid and invalid rows in every format.

use super::*;

/// The rows of an input, each as its fields or its refusal.
fn rows(input: &[u8], format: Option<RowFormat>) -> Vec<String> {
    let input: Box<dyn Read> = Box::new(io::Cursor::new(input.to_vec()));
    let mut reader = match RowReader::new(input, format) {
        Ok(reader) => reader,
        Err(error) => return vec![error.message().to_owned()],
    };
    let mut rows = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(row)) => rows.push(match row.fields {
                Ok(fields) => {
                    let fields: Vec<String> = fields
                        .iter()
                        .map(|(name, value)| match value {
                            Value::Text(text) => format!("{name}={text}"),
                            other => format!("{name}:{other:?}"),
                        })
                        .collect();
                    format!("{} (line {}) {}", row.number, row.line, fields.join(" "))
                }
                Err(refusal) => format!("{} (line {}) {}", row.number, row.line, refusal.message),
            }),
            Ok(None) => return rows,
            Err(error) => {
                rows.push(error.message().to_owned());
                return rows;
            }
        }
    }
}

#[test]
fn records_have_the_names_of_the_header() {
    let csv = b"\xef\xbb\xbfE-Mail,subject,2nd\r\nann@x.org,\"Hello, \"\"you\"\"\r\nthere\",1\r\nbo@x.org,,2\r\nshort\r\n\xff,a,b\r\n";
    assert_eq!(
        rows(csv, None),
        [
            "1 (line 2) E_Mail=ann@x.org subject=Hello, \"you\"\r\nthere _2nd=1",
            "2 (line 4) E_Mail=bo@x.org subject:Null _2nd=2",
            "3 (line 5) the row has 1 fields; the header has 3",
            "4 (line 6) field E_Mail is not valid UTF-8",
        ]
    );
    assert_eq!(rows(b"a\tb\n1\t\"2\n", None), ["1 (line 2) a=1 b=\"2"]);
    assert_eq!(rows(b"a,A b,A-b\n", None), ["two fields of the header are called A_b"]);
    assert!(rows(b"", None).is_empty() && rows(b"a,b", Some(RowFormat::Csv)).is_empty());
}

#[test]
fn a_quote_that_is_not_closed_is_refused() {
    let closed = b"a,b\n\"x\",\"y \"\"z\"\"\"\nplain 5\" wide,\"\"\n";
    assert_eq!(rows(closed, None), ["1 (line 2) a=x b=y \"z\"", "2 (line 3) a=plain 5\" wide b:Null"]);
    for open in ["a,b\n1,2\n3,\"4\n5,6\n", "a,b\n1,2\n\"3", "a,b\n1,2\n3,\"\"\"4\n"] {
        let found = rows(open.as_bytes(), None);
        assert_eq!(found[0], "1 (line 2) a=1 b=2");
        assert_eq!(found[1..], ["2 (line 3) a quote is not closed: the row goes on to the end of the file"]);
    }
    assert_eq!(rows(b"a,b,,\n1,2,,\n", None), ["1 (line 2) a=1 b=2"]);
    let twice = b"{\"a-b\":1,\"a b\":2}\n";
    assert_eq!(rows(twice, None), ["1 (line 1) two fields are called a_b"]);
}

#[test]
fn lines_are_json_objects() {
    let lines =
        b"{\"a\":\"x\",\"n\":12,\"r\":1.5,\"t\":true,\"z\":null}\n\n{\"a\":[1]}\nnothing\n{\"a\":\"y\"}";
    assert_eq!(
        rows(lines, None),
        [
            "1 (line 1) a=x n:Integer(12) r:Real(1.5) t=true z:Null",
            "2 (line 3) field a is a list",
            "3 (line 4) the row is not a JSON object: expected ident at line 1 column 2",
            "4 (line 5) a=y",
        ]
    );
}

#[test]
fn a_row_without_an_end_is_refused_and_not_kept_in_memory() {
    struct Endless(u64);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += buffer.len() as u64;
            assert!(self.0 < 2 * LONGEST_ROW, "it is read on and on");
            buffer.fill(b'x');
            Ok(buffer.len())
        }
    }
    for (begin, format) in [("a\n\"", RowFormat::Csv), ("{\"a\":\"", RowFormat::JsonLines)] {
        let input: Box<dyn Read> = Box::new(io::Cursor::new(begin).chain(Endless(0)));
        let mut reader = RowReader::new(input, Some(format)).unwrap();
        let error = reader.next().unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::TooLarge, "row 1 is longer than 4 MiB"));
    }
}
