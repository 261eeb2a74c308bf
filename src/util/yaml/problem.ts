/** What can be wrong with a YAML text. */
export type YamlProblemKind =
  | 'alias-excessive'
  | 'alias-recursive'
  | 'alias-unknown'
  | 'anchor-name'
  | 'block-header'
  | 'block-tab'
  | 'character-control'
  | 'character-start'
  | 'directive-unfinished'
  | 'flow-document'
  | 'flow-list'
  | 'flow-mapping'
  | 'flow-open'
  | 'indent'
  | 'key-colon'
  | 'key-complex'
  | 'key-null'
  | 'key-place'
  | 'key-twice'
  | 'list-dash'
  | 'list-place'
  | 'merge-value'
  | 'node-missing'
  | 'number-infinite'
  | 'quote-document'
  | 'quote-escape'
  | 'quote-open'
  | 'quote-unicode'
  | 'tab-indent'
  | 'tag-form'
  | 'tag-value'
  | 'too-deep'
  | 'value-end';

/** How it is said; `%s` is a name or a sign from the text. */
const reasons: Readonly<Record<YamlProblemKind, string>> = {
  'alias-excessive': 'the document grows out of bounds when its aliases are expanded',
  'alias-recursive': 'an anchor contains an alias of itself',
  'alias-unknown': 'the alias *%s stands for no anchor before it',
  'anchor-name': 'an anchor or alias needs a name of letters, digits, - and _ (quote a text that begins with & or *)',
  'block-header': 'after | or > only an indent, + or - and a comment may stand on the line',
  'block-tab': 'a tab stands where the indent of a text block is expected',
  'character-control': 'the character %s is not allowed in YAML',
  'character-start': 'no value can begin with %s (quote it if it belongs to a text)',
  'directive-unfinished': 'a directive (%) must be followed by --- on a line of its own',
  'flow-document': 'a document begins inside of brackets that are not closed',
  'flow-list': 'expected a comma or ] in this list',
  'flow-mapping': 'expected a comma or } in this mapping',
  'flow-open': 'unexpected end of the stream within a flow collection',
  indent: 'this belongs to nothing before it (is it indented as its neighbours are?)',
  'key-colon': 'expected a key and a colon here (is this line indented as its neighbours are?)',
  'key-complex': 'a mapping or list cannot be a key in a Kubernetes object (quote a text that begins with { or [)',
  'key-null': 'a key must not be empty or null (quote it if it is a text)',
  'key-place':
    'a key and its value cannot begin here: a value stands before it on this line, or a text goes on (quote a text with a colon)',
  'key-twice': 'duplicated mapping key',
  'list-dash': 'expected another item (-) of this list, or less indent',
  'list-place': 'an item of a list cannot begin here (put the - on a line of its own)',
  'merge-value': '<< takes a mapping or a list of mappings',
  'node-missing': 'expected a value here',
  'number-infinite': '%s is a number that JSON, and so Kubernetes, does not have (quote it if it is a text)',
  'quote-document': 'a document begins inside of a quoted text that is not closed',
  'quote-escape': '\\%s means nothing in double quotes (write \\\\ for a backslash, or use single quotes)',
  'quote-open': 'this %s is not closed',
  'quote-unicode': 'the number of a character after \\x, \\u or \\U is not one',
  'tab-indent': 'a tab cannot indent a line (use spaces)',
  'tag-form': 'a tag needs a name and a blank after it (quote a text that begins with !)',
  'tag-value': 'the value is no %s',
  'too-deep': 'nested too deep',
  'value-end':
    'nothing but a comment may follow the value on this line (quote the whole text, or put a comma between two values in brackets)',
};

/** Thrown by the reader: what is wrong with a YAML text and at which offset. */
export class YamlProblem extends Error {
  readonly kind: YamlProblemKind;
  readonly offset: number;

  constructor(kind: YamlProblemKind, offset: number, detail = '') {
    super(reasons[kind].replace('%s', () => detail));
    this.kind = kind;
    this.offset = offset;
  }
}
