//! How EXPORT writes its document: as a page if the replies are HTML, and otherwise as JSON.

use std::sync::Arc;

use super::Replies;
use crate::domain::document::DocumentWriter;
use crate::shell::render::{Audience, Color, Format, RenderOptions, html_page};

impl Replies {
    /// Returns the writer of documents in the present format.
    pub fn document_writer(&self) -> DocumentWriter {
        if self.format() != Format::Html {
            return DocumentWriter::default();
        }
        let options = RenderOptions { people: Audience::Machines, color: Color::Off, ..self.options() };
        let file = self.settings.file.clone();
        DocumentWriter(Arc::new(move |out, document| html_page(out, document, &file, &options)))
    }
}
