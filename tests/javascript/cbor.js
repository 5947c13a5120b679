// CBOR as the package `cbor-x` reads and writes it; tests/languages holds it against what persist does.
//
//     cbor.js read       for each line of hexadecimal digits on standard input: what was read, a tab, and the same written anew
//     cbor.js objects    the same, with maps read as objects, which is the default; `error` where that fails
//     cbor.js write      lines of a name, a tab, and what `cbor-x` writes of the value with that name
"use strict";

const { Encoder } = require("cbor-x");

// Records are an extension that nothing else reads; objects have text keys only.
const plain = { useRecords: false };
const exact = new Encoder({ ...plain, mapsAsObjects: false });
const objects = new Encoder(plain);

// The value as `inspect` shows values; sets in braces. A number says nothing of whether it was a float.
function show(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object") return String(value).replace("Infinity", "inf");
  if (Buffer.isBuffer(value) || value.constructor === Uint8Array) return `h'${Buffer.from(value).toString("hex")}'`;
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}[${Array.from(value, show).join(", ")}]`;
  if (value instanceof Set) return `{${Array.from(value, show).sort().join(", ")}}`;
  if (value instanceof Map) return entries([...value]);
  if (Object.getPrototypeOf(value) === Object.prototype) return entries(Object.entries(value));
  return `${value.constructor.name} ${value.message ?? JSON.stringify(value)}`;
}

function entries(pairs) {
  return `{${pairs.map(([key, value]) => `${show(key)}: ${show(value)}`).join(", ")}}`;
}

function read(encoder) {
  const lines = require("node:fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
  for (const line of lines) {
    try {
      const value = encoder.decode(Buffer.from(line, "hex"));
      console.log(`${show(value)}\t${Buffer.from(encoder.encode(value)).toString("hex")}`);
    } catch (error) {
      console.log(`error\t${error.message}`);
    }
  }
}

function write() {
  const record = { id: 7, name: "n", note: null, sizes: [1.5, 0.1, 2], shape: { Circle: 0.5 }, raw: Buffer.from([0, 255]) };
  const odd = [0, -0, 1.5, 65504, 5.960464477539063e-8, 0.1, 1e300, NaN, Infinity, -Infinity];
  const shared = ["x"];
  const put = (name, value, options) => {
    const encoder = new Encoder({ ...plain, ...options });
    console.log(`${name}\t${Buffer.from(encoder.encode(value)).toString("hex")}`);
  };
  put("record", record);
  put("record, small heads", record, { variableMapSize: true });
  put("record, as a record", record, { useRecords: true });
  put("floats", odd);
  put("floats, 32 bits", [1.5, 0.1, 65504], { useFloat32: 3 });
  put("integers", [0, 23, 24, -1, 2 ** 32 - 1, 2n ** 53n, 2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n]);
  put("large integers", [2n ** 64n, 2n ** 127n - 1n, -(2n ** 127n), 2n ** 128n - 1n]);
  put("numbers beyond 32 bits", [2 ** 40]);
  put("set", new Set([3, 1, 2]));
  put("map", new Map([[-7, "a"], [2n ** 40n, "b"]]));
  put("map, without tag", new Map([[[1, 2], 3]]), { mapsAsObjects: false });
  put("iterable", (function* () { yield 1; yield 2; })());
  put("undefined", [undefined]);
  put("date", new Date(1e12));
  put("error", new Error("what"));
  put("regular expression", /a+/);
  put("shared", [shared, shared], { structuredClone: true });
  put("bytes", Buffer.from([1, 2]));
  // Typed arrays, as they are written by default.
  put("Uint8Array", new Uint8Array([1, 2]));
  put("Uint8Array, without tag", new Uint8Array([1, 2]), { tagUint8Array: false });
  put("Int8Array", new Int8Array([1, -2]));
  put("Uint16Array", new Uint16Array([1, 2]));
  put("Int32Array", new Int32Array([1, -2]));
  put("BigInt64Array", new BigInt64Array([1n, -2n]));
  put("Float32Array", new Float32Array([1.5, -2]));
  put("Float64Array", new Float64Array([1.5, -2]));
}

({ read: () => read(exact), objects: () => read(objects), write })[process.argv[2]]();
