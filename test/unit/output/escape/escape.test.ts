import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visible } from '../../../../src/output/escape/characters.ts';
import { annotation } from '../../../../src/output/escape/github.ts';
import { dot, mermaid } from '../../../../src/output/escape/graphs.ts';
import { html, scriptData } from '../../../../src/output/escape/html.ts';
import { printedDump, printedJson } from '../../../../src/output/escape/json.ts';
import { codeBlock, codeSpan, folded, markdown } from '../../../../src/output/escape/markdown.ts';
import { plain, printedLines, printedText, styled } from '../../../../src/output/escape/plain.ts';
import { contentOf, printed } from '../../../../src/output/escape/printable.ts';
import { bash, fish } from '../../../../src/output/escape/shell.ts';
import { xml } from '../../../../src/output/escape/xml.ts';
import { yamlOnOneLine } from '../../../../src/output/escape/yaml.ts';
import { formatGoYaml } from '../../../../src/output/go-yaml.ts';
import { parseYamlValue } from '../../../../src/util/yaml.ts';
import { ACTIVE_CHARACTERS, bareMarkdown, COMMANDS, hostileText } from '../../../support/hostile.ts';

/** What is left when every active character is what it stands for again. */
const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd');

describe('text for people', () => {
  test('shows what is active in a name, and leaves other characters alone', () => {
    expect(visible('a\nb\u001b[31m\u202e\u{e0041}\ud800')).toBe('a\\nb\\x1b[31m\\u202e\\u{e0041}\\ud800');
    const ordinary = 'outbound|80|v1|reviews.default.svc.cluster.local "^/a\\d+$" é 漢字 👍 ::1';
    expect(visible(ordinary)).toBe(ordinary);
    expect(printedLines([ordinary])).toBe(`${ordinary}\n`);
  });

  test('a name stays on its line, whatever it is', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (a, b) => {
        const text = printed(plain`${a}: ${styled((inner) => `[${inner}]`, b)}\n`);
        expect(text.match(/\n/g)).toHaveLength(1);
        expect(text).not.toMatch(ACTIVE_CHARACTERS);
        expect(text).not.toMatch(COMMANDS);
      }),
    );
  });

  test('colours of ours work, those of a name do not', () => {
    expect(printed(plain`${styled((text) => `\u001b[31m${text}\u001b[39m`, 'a\u001b[0m')}`)).toBe(
      '\u001b[31ma\\x1b[0m\u001b[39m',
    );
  });

  test('addresses of IPv6 at the start of a line are no commands', () => {
    expect(printedLines(['::1 a', '::ffff:10.0.0.1 b', '  ::', '::error file=x::no', '  ::debug::no'])).toBe(
      '::1 a\n::ffff:10.0.0.1 b\n  ::\n\\x3a:error file=x::no\n  \\x3a:debug::no\n',
    );
  });

  test('a text of many lines keeps them', () => {
    expect(printedText('usage:\n  a\u0007\n')).toBe('usage:\n  a\\x07\n');
  });
});

describe('JSON', () => {
  test('says the same and holds nothing that acts', () => {
    fc.assert(
      fc.property(fc.dictionary(hostileText, hostileText), (value) => {
        const text = printedJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(text).not.toMatch(ACTIVE_CHARACTERS);
        expect(text).not.toMatch(COMMANDS);
      }),
    );
  });

  test('that is only said to be some is harmless too', () => {
    expect(printedDump('{}\n::error file=x::no\n\u001b[31m')).toBe('{}\n\\x3a:error file=x::no\n\\u001b[31m');
  });
});

describe('YAML', () => {
  test('of Go says the same and holds nothing that acts', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (key, value) => {
        const data = {
          [wellFormed(key)]: [wellFormed(value)],
          [`a ${'long '.repeat(20)}`]: `${'long '.repeat(20)}${wellFormed(value)}`,
        };
        const text = formatGoYaml(data);
        expect(text).not.toMatch(ACTIVE_CHARACTERS);
        expect(text).not.toMatch(COMMANDS);
        expect(parseYamlValue(text)).toEqual(data);
      }),
    );
  });

  test.each(['/?q=all', 'a?', 'y', '0x10', ': -'])('on one line, %j is read as it was', (value) => {
    expect(parseYamlValue(contentOf(yamlOnOneLine({ path: value, other: 1 })))).toEqual({ path: value, other: 1 });
  });

  test('on one line says the same and holds nothing that acts', () => {
    fc.assert(
      fc.property(hostileText, (value) => {
        const text = contentOf(yamlOnOneLine({ value: wellFormed(value) }));
        expect(text).not.toMatch(ACTIVE_CHARACTERS);
        expect(text).not.toMatch(/\n|##\w*\[/);
        expect(parseYamlValue(`- ${text}`)).toEqual([{ value: wellFormed(value) }]);
      }),
    );
  });
});

describe('XML', () => {
  test('what is put into it is text and attributes only', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const written = printed(xml`<a b="${text}">${text}</a>\n`);
        expect(written).toMatch(
          /^<a b="(?:[^<>&"\n]|&(?:amp|lt|gt|quot|#10);)*">(?:[^<>&"\n]|&(?:amp|lt|gt|quot|#10);)*<\/a>\n$/,
        );
        expect(written).not.toMatch(ACTIVE_CHARACTERS);
        expect(written).not.toMatch(COMMANDS);
      }),
    );
  });
});

describe('HTML', () => {
  test('what is put into it is text, data of a script is data', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const page = printed(html`<p title="${text}">${text}</p><script type="application/json">${scriptData([text])}</script>`);
        expect(page.match(/<[^>]*>/g)).toHaveLength(4);
        expect(page).not.toMatch(ACTIVE_CHARACTERS);
        expect(page).not.toMatch(COMMANDS);
        expect(JSON.parse(/json">(.*)<\/script>$/.exec(page)?.[1] ?? '')).toEqual([visible(text)]);
      }),
    );
  });
});

describe('Markdown', () => {
  test('what is put into it is no markup, no link and no mention, in text and in tables', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const written = printed(markdown`${text}`);
        expect(bareMarkdown(written)).not.toMatch(/[`*_~$<>&|[\]\n]|@\w|#\d|https?:|www\./);
        expect(written).not.toMatch(/^\s*(?:[#+=-]|\d+[.)])/);
        expect(written).not.toMatch(ACTIVE_CHARACTERS);
      }),
    );
  });

  test('code is one span, also in a cell of a table', () => {
    fc.assert(
      fc.property(hostileText, fc.constantFrom('in a table', 'in text'), (text, place) => {
        const written = contentOf(codeSpan(text, place));
        expect(written).toMatch(/^$|^`[^`\n]+`$|^<code>(?:[^<>`|\\*_\n]|&#\d+;)+<\/code>$/);
        if (place === 'in a table') expect(written).not.toMatch(/(?<!\\)\||\\\\\|/);
      }),
    );
  });

  test('a block of code ends where it should', () => {
    fc.assert(
      fc.property(fc.array(hostileText), (lines) => {
        const written = contentOf(codeBlock('diff', lines)).split('\n');
        const fence = /^`+/.exec(written[0] ?? '')?.[0] ?? '';
        expect(written).toHaveLength(lines.length + 2);
        expect(written.filter((line) => line.includes(fence))).toHaveLength(2);
      }),
    );
  });

  test('the summary of a folded part is text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const written = contentOf(folded(text, markdown`body`));
        expect(written.replaceAll(/<\/?code>/g, '').match(/<[^>]*>/g)).toHaveLength(4);
        expect(written.split('\n')).toHaveLength(5);
        expect(written).not.toMatch(/[@`]|https?:\/\//);
      }),
    );
  });

  test('ordinary words are left as they are', () => {
    expect(printed(markdown`${'Referenced host not found: reviews.default, see https://istio.io/v1.30/docs/'}`)).toBe(
      'Referenced host not found: reviews.default, see https://istio.io/v1.30/docs/',
    );
    expect(printed(markdown`${'ask @admin about #12 at https://evil.example'}`)).toBe(
      'ask `@admin` about `#12` at `https://evil.example`',
    );
  });
});

describe('commands of GitHub', () => {
  test('there is one for each annotation', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (title, message) => {
        const written = annotation('error', { file: title, line: 1, title }, message);
        expect(written).toMatch(/^::error file=[^:,\n]*,line=1,title=[^:,\n]*::[^\n]*\n$/);
        expect(written).not.toMatch(ACTIVE_CHARACTERS);
        expect(written).not.toMatch(/##\w*\[/);
      }),
    );
    expect(annotation('notice', { title: 'a' }, 'two\nlines, 100%')).toBe('::notice title=a::two%0Alines, 100%25\n');
  });
});

describe('graphs', () => {
  test('a label of Mermaid is a text in quotes', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(printed(mermaid`n0["${text}"]`)).toMatch(/^n0\["(?:[\p{L}\p{N} .,:/_()-]|#\d+;)*"\]$/u);
      }),
    );
  });

  test('a text of Graphviz ends at its last quote', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const written = printed(dot`"${text}"`);
        expect(written).toMatch(/^"(?:[^"\\\n]|\\["\\])*"$/);
        expect(written).not.toMatch(/&(?!amp;|#35;)|##/);
      }),
    );
  });
});

describe('scripts of shells', () => {
  test('a word is one word', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(contentOf(bash`${text}`)).toMatch(/^'(?:[^'\n]|'\\'')*'$/);
        expect(contentOf(fish`${text}`)).toMatch(/^'(?:[^'\\\n]|\\['\\])*'$/);
      }),
    );
  });
});
