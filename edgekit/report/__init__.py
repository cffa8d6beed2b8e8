"""The result record and what is made of it: JSON, Markdown, HTML, JUnit."""
