// OAuth 1.0a signatures (RFC 5849, HMAC-SHA1, no token), made in the page: the secret never leaves it.
// The browser's own cryptography is missing on pages that came without TLS, so SHA-1 (RFC 3174) is here.
"use strict";

const signing = (() => {
  const utf8 = (text) => new TextEncoder().encode(text);

  const rotated = (word, bits) => (word << bits) | (word >>> (32 - bits));

  function padded(bytes) {
    const whole = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
    whole.set(bytes);
    whole[bytes.length] = 0x80;
    const view = new DataView(whole.buffer);
    view.setUint32(whole.length - 8, Math.floor(bytes.length / 0x20000000));
    view.setUint32(whole.length - 4, bytes.length << 3);
    return view;
  }

  // The four rounds of SHA-1: what each does with three of its words, and its constant.
  const ROUNDS = [
    [(b, c, d) => (b & c) | (~b & d), 0x5a827999],
    [(b, c, d) => b ^ c ^ d, 0x6ed9eba1],
    [(b, c, d) => (b & c) | (b & d) | (c & d), 0x8f1bbcdc],
    [(b, c, d) => b ^ c ^ d, 0xca62c1d6],
  ];

  function sha1(bytes) {
    const view = padded(bytes);
    const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
    const words = new Int32Array(80);
    for (let block = 0; block < view.byteLength; block += 64) {
      for (let i = 0; i < 16; i++) words[i] = view.getInt32(block + 4 * i);
      for (let i = 16; i < 80; i++) words[i] = rotated(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
      let [a, b, c, d, e] = state;
      for (let i = 0; i < 80; i++) {
        const [mix, constant] = ROUNDS[Math.floor(i / 20)];
        [a, b, c, d, e] = [(rotated(a, 5) + mix(b, c, d) + e + constant + words[i]) | 0, a, rotated(b, 30), c, d];
      }
      [a, b, c, d, e].forEach((word, i) => (state[i] = (state[i] + word) | 0));
    }
    const digest = new DataView(new ArrayBuffer(20));
    state.forEach((word, i) => digest.setInt32(4 * i, word));
    return new Uint8Array(digest.buffer);
  }

  function joined(first, second) {
    const both = new Uint8Array(first.length + second.length);
    both.set(first);
    both.set(second, first.length);
    return both;
  }

  function hmacSha1(key, bytes) {
    const block = new Uint8Array(64);
    block.set(key.length > 64 ? sha1(key) : key);
    const inner = sha1(joined(block.map((byte) => byte ^ 0x36), bytes));
    return sha1(joined(block.map((byte) => byte ^ 0x5c), inner));
  }

  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

  const escaped = (text) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (mark) => "%" + mark.charCodeAt(0).toString(16).toUpperCase());

  const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  /** The value of an `Authorization` header that signs a request with this method to this absolute address. */
  function authorization(method, address, key, secret, nonce, timestamp) {
    const url = new URL(address);
    const protocol = [
      ["oauth_consumer_key", key],
      ["oauth_nonce", nonce],
      ["oauth_signature_method", "HMAC-SHA1"],
      ["oauth_timestamp", timestamp],
      ["oauth_version", "1.0"],
    ];
    const pairs = [...protocol, ...url.searchParams].map((pair) => pair.map(escaped));
    const normalized = pairs.sort((a, b) => byText(a[0], b[0]) || byText(a[1], b[1])).map((pair) => pair.join("=")).join("&");
    const base = [method.toUpperCase(), url.origin + url.pathname, normalized].map(escaped).join("&");
    const signature = base64(hmacSha1(utf8(escaped(secret) + "&"), utf8(base)));
    const parts = [...protocol, ["oauth_signature", signature]].map(([name, value]) => `${name}="${escaped(value)}"`);
    return "OAuth " + parts.join(", ");
  }

  const nonce = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const now = () => String(Math.floor(Date.now() / 1000));

  return { authorization, nonce, now };
})();

if (typeof module !== "undefined") module.exports = signing;
