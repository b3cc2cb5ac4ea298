"""Official papers as files: one composition of blocks, laid out as DOCX to edit and PDF to sign."""
