/** A block of a PEM text. */
export interface PemBlock {
  /** What it says it is, as `CERTIFICATE`. */
  readonly label: string;
  /** What stands between its first and its last line. */
  readonly body: string;
  /** All of it, its first and last line too. */
  readonly text: string;
}

const BEGIN = '-----BEGIN ';
const END = '\n-----END ';
const DASHES = '-----';

/** The blocks of a PEM text, as Go encoding/pem Decode finds one after the other: what is no block is passed over. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let begin = text.startsWith(BEGIN) ? 0 : nextBegin(text, 0);
  let end = -1;
  while (begin !== undefined) {
    const lineEnd = text.indexOf('\n', begin);
    if (lineEnd === -1) break;
    // One end can follow many beginnings: it is looked for once.
    if (end < lineEnd) end = text.indexOf(END, lineEnd);
    if (end === -1) break;
    const line = text.slice(begin + BEGIN.length, lineEnd).trimEnd();
    const label = line.slice(0, -DASHES.length);
    const lastLineEnd = endOfLine(text, end + 1);
    const isBlock = line.endsWith(DASHES) && text.slice(end + END.length, lastLineEnd).trimEnd() === label + DASHES;
    if (isBlock) blocks.push({ label, body: text.slice(lineEnd + 1, end), text: text.slice(begin, lastLineEnd) });
    begin = nextBegin(text, isBlock ? end : lineEnd);
  }
  return blocks;
}

/** Where the next line begins that begins a block. */
function nextBegin(text: string, from: number): number | undefined {
  const found = text.indexOf(`\n${BEGIN}`, from);
  return found === -1 ? undefined : found + 1;
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found === -1 ? text.length : found;
}
