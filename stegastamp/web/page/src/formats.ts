// What the bits of a stamp say. The code words come from Python as a generator matrix, so no algebra is repeated here.

/** A format as `python -m stegastamp web` writes it: words are data x generator + offset, mod 2. */
export interface Facts {
  name: string;
  bits: number;
  dataBits: number;
  generator: string[];
  offset: string;
  /** Of the false accepts that a reading may risk, what this format gets. */
  share: number;
  /** How many messages there are to be taken for. */
  messages: number;
}

/** A message that cannot be put into a format; the text is shown to the person. */
export class DoesNotFit extends Error {}

export class Format {
  readonly name: string;
  readonly bits: number;
  readonly dataBits: number;
  readonly generator: Uint8Array[];
  readonly offset: Uint8Array;
  readonly share: number;
  readonly messages: number;

  constructor(facts: Facts) {
    this.name = facts.name;
    this.bits = facts.bits;
    this.dataBits = facts.dataBits;
    this.generator = facts.generator.map(digits);
    this.offset = digits(facts.offset);
    this.share = facts.share;
    this.messages = facts.messages;
  }

  get isUuid(): boolean {
    return this.dataBits === 128;
  }

  /** Bits that say a message. Throws DoesNotFit. */
  encode(message: string): Uint8Array {
    const data = this.isUuid ? uuidBytes(message) : textBytes(message, this.dataBits / 8);
    const word = this.offset.slice();
    for (let bit = 0; bit < this.dataBits; bit++) {
      if ((data[bit >> 3] >> (7 - (bit & 7))) & 1) {
        const row = this.generator[bit];
        for (let place = 0; place < this.bits; place++) word[place] ^= row[place];
      }
    }
    return word;
  }

  /** What a word without errors says; null where its data are no text. */
  message(word: Uint8Array): string | null {
    const data = new Uint8Array(this.dataBits / 8);
    for (let bit = 0; bit < this.dataBits; bit++) {
      data[bit >> 3] |= (word[bit] ^ this.offset[bit]) << (7 - (bit & 7));
    }
    if (this.isUuid) return uuidText(data);
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    } catch {
      return null; // Not UTF-8.
    }
    text = text.replace(/ +$/, "");
    return /\p{Cc}/u.test(text) ? null : text;
  }
}

// Fillers and blanks, which Unicode counts among letters, marks and symbols; nobody sees them.
const BLANK = /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u2800\u3164\uffa0]/u;
const UNSEEN = /[\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

function textBytes(text: string, room: number): Uint8Array {
  const data = new TextEncoder().encode(text);
  if (text === "") throw new DoesNotFit("Type a message first.");
  if (data.length > room) {
    throw new DoesNotFit(`The message takes ${data.length} bytes; ${room} fit. Letters without accents take one byte each.`);
  }
  if (/\p{Cc}/u.test(text)) throw new DoesNotFit("The message holds control characters.");
  if (UNSEEN.test(text) || BLANK.test(text)) throw new DoesNotFit("The message holds a character that nobody can see.");
  if (/^[\s\ufe00-\ufe0f]*$/u.test(text)) throw new DoesNotFit("The message has nothing that can be seen.");
  if (text.endsWith(" ")) throw new DoesNotFit("The message ends in a space, which could not be told from the padding.");
  const padded = new Uint8Array(room).fill(0x20);
  padded.set(data);
  return padded;
}

function uuidBytes(text: string): Uint8Array {
  const hex = text.trim().replace(/^urn:uuid:/i, "").replace(/[{}-]/g, "");
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new DoesNotFit("That is no UUID, such as 6f1c2b1e-5a3d-4e8f-9b7a-0123456789ab.");
  return Uint8Array.from({ length: 16 }, (_, index) => parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

function uuidText(data: Uint8Array): string {
  const hex = Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function digits(text: string): Uint8Array {
  return Uint8Array.from(text, (digit) => (digit === "1" ? 1 : 0));
}
