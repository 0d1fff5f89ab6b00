//! The output of `--each`: the replies of many rows, whose columns are named once.

use std::io::{self, Write};

use super::Replies;
use crate::domain::reply::Reply;
use crate::shell::render::{self, Audience, Format};

/// The columns that were named last.
#[derive(Debug, Default)]
pub struct ColumnsNamed(Vec<String>);

impl Replies {
    /// Writes the reply to a statement for one row. People who have not asked for a format see only the
    /// rows of queries: nobody reads a hundred thousand lines.
    ///
    /// # Errors
    /// The file that replies are diverted to cannot be written.
    pub fn row_reply(&mut self, reply: &Reply, statement: &str, named: &mut ColumnsNamed) -> io::Result<()> {
        let unasked = self.settings.format.is_none() && self.reader() == Audience::People;
        if reply.tells_change && unasked {
            return Ok(());
        }
        let columns: Vec<String> = reply.columns.iter().map(|column| column.name.clone()).collect();
        let continues = matches!(self.format(), Format::Csv | Format::Tsv) && named.0 == columns;
        named.0 = columns;
        if !continues {
            return self.reply(&Reply { notes: Vec::new(), ..reply.clone() }, statement);
        }
        let options = self.options();
        let out = self.kept.as_mut().map_or(&mut self.stdout, |kept| &mut kept.rows);
        // A failure of stdout is recorded there.
        render::continued(out, reply, &options).and_then(|()| out.flush()).unwrap_or_default();
        Ok(())
    }
}
