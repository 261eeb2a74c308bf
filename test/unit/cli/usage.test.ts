import { describe, expect, test } from 'vitest';
import { commandFactories } from '../../../src/cli/commands/index.ts';
import { createProgram, run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

test('a command is made alone by the name that it has', () => {
  for (const name of commandFactories.keys()) {
    const names = createProgram(createFakeIo(), () => {}, name).commands.map((command) => command.name());
    expect(names).toEqual(name === 'completion' ? [...commandFactories.keys(), '__complete'] : [name, '__complete']);
  }
});

/** The exit status of a call and what it says. */
async function call(line: string) {
  const io = createFakeIo();
  const exitCode = await run(line.split(' '), io);
  return { exitCode, output: io.output(), errors: io.errors() };
}

describe('a command that is called wrongly exits with 64 and tells where its usage stands', () => {
  for (const [line, error, help] of [
    ['describe pod', "error: missing required argument 'pod'", 'mesh describe pod'],
    ['describe pod --foo', "error: unknown option '--foo'", 'mesh describe pod'],
    ['describe pod a b', "error: too many arguments for 'pod'", 'mesh describe pod'],
    ['describe gateway', "error: unknown command 'gateway'", 'mesh describe'],
    ['authz check --foo', "error: unknown option '--foo'", 'mesh authz check'],
    ['pc l --foo', "error: unknown option '--foo'", 'mesh proxy-config listeners'],
    [
      'pc l x -f . --port abc',
      "error: option '--port <number>' argument 'abc' is invalid. \"abc\" is not a port number.",
      'mesh proxy-config listeners',
    ],
    ['pc l x -f . -o xml', "error: option '-o, --output <format>' argument 'xml' is invalid.", 'mesh proxy-config listeners'],
    ['pc x', "error: unknown command 'x'", 'mesh proxy-config'],
    ['translate --foo', "error: unknown option '--foo'", 'mesh translate'],
    ['foo', "error: unknown command 'foo'", 'mesh'],
  ] as const) {
    test(`mesh ${line}`, async () => {
      const { exitCode, output, errors } = await call(line);
      expect([exitCode, output]).toEqual([64, '']);
      expect(errors).toContain(error);
      expect(errors).toContain(`Run '${help} `);
      expect(errors).toMatch(/ --help' for usage\.\n$/);
    });
  }

  test('groups of commands say what they have', async () => {
    for (const group of ['proxy-config', 'describe', 'authz']) {
      const { exitCode, errors } = await call(group);
      expect([exitCode, errors]).toEqual([64, expect.stringContaining(`Usage: mesh ${group}`)]);
    }
  });

  test('a suppression that is none', async () => {
    const { exitCode, errors } = await call('analyze -S nothing .');
    expect([exitCode, errors]).toEqual([64, expect.stringContaining('nothing is not a suppression')]);
  });
});

test('help of nested commands goes to standard output', async () => {
  const { exitCode, output, errors } = await call('describe pod --help');
  expect([exitCode, errors]).toEqual([0, '']);
  expect(output).toContain('Usage: mesh describe pod');
});

test('a dump that does not exist is bad input, not a wrong call', async () => {
  expect(await call('pc l -f nonexist')).toMatchObject({ exitCode: 65, errors: expect.stringContaining('cannot read nonexist') });
});
