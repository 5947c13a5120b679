// Reads each line of standard input as JSON, and writes it again.
"use strict";

const lines = require("node:fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
for (const line of lines) console.log(JSON.stringify(JSON.parse(line)));
