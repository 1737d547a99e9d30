"""Bad calls. Each row of a table: what is wrong, the call, and the text that the user gets, as a regular expression."""
