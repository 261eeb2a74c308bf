import {
  type AddressDimension,
  ALWAYS,
  type Dimension,
  type Formula,
  isAlways,
  isNever,
  NEVER,
  not,
  type PortDimension,
  type TextTest,
  type TokenDimension,
  textTest,
} from '../../request-space/formula.ts';
import { assertNever } from '../../util/assert.ts';
import { textOfValue } from '../../util/json-text.ts';
import { memo } from '../../util/memo.ts';
import type { ExpressionCompiler } from '../../util/re2.ts';
import { inRange } from '../strings.ts';
import { forwardedFormula, type RangeFormula } from './forwarded.ts';
import { TOKEN_ELSEWHERE } from './parts.ts';
import { passesText } from './passes-text.ts';
import type { Assumption, CarriedToken, Chosen, KnownIssuer, Reading, Recorder, Scene } from './recorder.ts';
import { askedKey, askedOf, sourceKey, type TextSource, type UnknownText } from './source.ts';

/** A recorder that remembers what it hears. */
export interface RememberingRecorder extends Recorder {
  /** What decided, each once. */
  readings(): readonly Reading[];
  assumptions(): readonly Assumption[];
  /** Issuers whose tokens were looked for. */
  issuers(): readonly KnownIssuer[];
  /** What proxies made of the path as the client sent it, each once. */
  pathForms(): readonly (string | undefined)[];
}

/** Makes the recorders of one exploration, which understand each list of formulas once. */
export interface Recording {
  begin(chosen: Chosen): RememberingRecorder;
}

/** What formulas about a place say of requests, and what was taken for granted to tell. */
interface Resolved {
  readonly id: number;
  readonly formulas: readonly Formula[];
  readonly assumptions: readonly Assumption[];
  readonly asksForToken: boolean;
}

/** Begins to record. */
export function createRecording(compile: ExpressionCompiler): Recording {
  const lists = new Map<object, readonly Formula[]>();
  const interned = new Map<string, { readonly id: number; readonly formulas: readonly Formula[] }>();
  const dimensionsIn = memo((formulas: readonly Formula[]) => dimensionsOf(formulas));
  const known = new Map<readonly Formula[], Map<string, Resolved>>();

  function formulasOf(list: object, make: () => readonly Formula[]): readonly Formula[] {
    const made = lists.get(list) ?? make();
    lists.set(list, made);
    return made;
  }

  function resolveList(formulas: readonly Formula[], scene: Scene, chosen: Chosen, skipped: readonly number[]): Resolved {
    const key = `${skipped.join()} ${sceneKey(dimensionsIn(formulas), scene, chosen)}`;
    const byScene = known.get(formulas) ?? new Map<string, Resolved>();
    known.set(formulas, byScene);
    const found = byScene.get(key);
    if (found !== undefined) return found;
    const assumptions: Assumption[] = [];
    const state = { asksForToken: false };
    const notes: Notes = {
      compile,
      assume: (assumption) => void assumptions.push(assumption),
      tokens() {
        state.asksForToken = true;
      },
    };
    const fresh = formulas.map((formula, place) => (skipped.includes(place) ? NEVER : resolve(formula, scene, chosen, notes)));
    const text = textOfValue(fresh);
    const { id, formulas: same } = interned.get(text) ?? { id: interned.size, formulas: fresh };
    interned.set(text, { id, formulas: same });
    const resolved = { id, formulas: same, assumptions, asksForToken: state.asksForToken };
    byScene.set(key, resolved);
    return resolved;
  }

  return {
    begin(chosen) {
      const readings = new Map<string, Reading>();
      const assumptions = new Map<string, Assumption>();
      const found = new Map<string, KnownIssuer>();
      const pathForms = new Set<string | undefined>();
      // Each rule of each proxy looks, and for every issuer the token is what it was.
      const tokenOf = { isNoted: false };
      const notes: Notes = {
        compile,
        assume: (assumption) => void assumptions.set(textOfValue(assumption), assumption),
        tokens(wanted) {
          if (wanted !== undefined) {
            found.set(textOfValue(wanted), wanted);
            if (isElsewhere(wanted, chosen))
              notes.assume({ kind: 'untraceable', what: TOKEN_ELSEWHERE, test: textOfValue(wanted.places) });
          }
          if (tokenOf.isNoted) return;
          tokenOf.isNoted = true;
          for (const { issuer } of chosen.issuers) {
            for (const [formula, isTrue] of tokenStates(issuer, chosen.token)) note(formula, isTrue);
          }
        },
      };
      const note = (formula: Formula, isTrue: boolean): void => {
        if (formula.kind === 'not') note(formula.of, !isTrue);
        else if (!isAlways(formula) && !isNever(formula)) {
          readings.set(`${isTrue} ${textOfValue(formula)}`, { kind: 'holds', formula, isTrue });
        }
      };
      return {
        chosen,
        assume: notes.assume,
        tokens: notes.tokens,
        takesPath: (form) => void pathForms.add(form),
        holds: (formula, isTrue, scene) => note(resolve(formula, scene, chosen, notes), isTrue),
        first(list, make, places, scene, skipped = []) {
          const formulas = formulasOf(list, make);
          for (const place of skipped) note(resolve(formulas[place] ?? NEVER, scene, chosen, notes), true);
          const resolved = resolveList(formulas, scene, chosen, skipped);
          if (resolved.asksForToken) notes.tokens();
          resolved.assumptions.forEach(notes.assume);
          if (resolved.formulas.every((formula) => isAlways(formula) || isNever(formula))) return;
          readings.set(`${places.join()} #${resolved.id}`, { kind: 'first', formulas: resolved.formulas, places });
        },
        readings: () => [...readings.values()],
        assumptions: () => [...assumptions.values()],
        issuers: () => [...found.values()],
        pathForms: () => [...pathForms],
      };
    },
  };
}

/** What is noted while a formula is understood, and who compiles its expressions. */
type Notes = Pick<Recorder, 'assume' | 'tokens'> & { readonly compile: ExpressionCompiler };

/** What a formula about a place says of the request. */
function resolve(formula: Formula, scene: Scene, chosen: Chosen, notes: Notes): Formula {
  switch (formula.kind) {
    case 'text':
      return askedOf(scene.text(formula.dimension), formula.test, untraced(chosen, notes), notes.compile);
    case 'range': {
      const { ip, forwarded } = scene.address(formula.dimension.kind);
      if (forwarded === undefined) return rangeOf(formula, ip, chosen);
      notes.assume({ kind: 'taken for granted', what: 'forwarded addresses are of IPv4' });
      return forwardedFormula(formula, forwarded, rangeOf(formula, forwarded.otherwise, chosen), (test) =>
        askedOf(forwarded.list, test, untraced(chosen, notes), notes.compile),
      );
    }
    case 'port': {
      const port = scene.port(formula.dimension.kind);
      return port >= formula.start && port < formula.end ? ALWAYS : NEVER;
    }
    case 'all':
    case 'any':
      return joined(
        formula.kind,
        formula.of.map((part) => resolve(part, scene, chosen, notes)),
      );
    case 'not':
      return not(resolve(formula.of, scene, chosen, notes));
    case 'token':
    case 'assumed':
      return formula;
    default:
      return assertNever(formula);
  }
}

/** That an address of the connection is in a range. */
function rangeOf(formula: RangeFormula, ip: string, chosen: Chosen): Formula {
  if (ip === chosen.address) return { ...formula, dimension: { kind: 'sourceAddress' } };
  return inRange({ addressPrefix: formula.address, prefixLen: formula.length }, ip) ? ALWAYS : NEVER;
}

/** Answers by the text that is there now, and says so. */
function untraced(chosen: Chosen, notes: Notes): UnknownText {
  return (source, test) => {
    if (source.kind === 'token') {
      notes.tokens();
      if (chosen.token === undefined) return textTest(source.dimension, test);
      if (!isOfAnyToken(test)) notes.assume({ kind: 'untraceable', what: 'token', test: textOfValue(test) });
    } else if (test.kind !== 'present' && !isOfAnyPath(source, test)) {
      notes.assume({ kind: 'untraceable', what: sourceKey(source), test: textOfValue(test) });
    }
    return passesText(test, source.value, notes.compile) ? ALWAYS : NEVER;
  };
}

/** Whether all tokens pass a test, or none does. */
function isOfAnyToken(test: TextTest): boolean {
  return test.kind === 'present' || (test.kind === 'prefix' && 'Bearer '.startsWith(test.text));
}

/** Whatever a path is made of, it begins with a slash. */
function isOfAnyPath(source: TextSource, test: TextTest): boolean {
  return source.kind === 'made' && source.by.startsWith('path ') && test.kind === 'prefix' && test.text === '/';
}

/** All or any of some formulas, without those that say nothing. */
function joined(kind: 'all' | 'any', parts: readonly Formula[]): Formula {
  const [decides, saysNothing] = kind === 'all' ? [isNever, isAlways] : [isAlways, isNever];
  const decided = parts.find(decides);
  if (decided !== undefined) return decided;
  const [first, ...others] = parts.filter((part) => !saysNothing(part));
  if (first === undefined) return kind === 'all' ? ALWAYS : NEVER;
  return others.length === 0 ? first : { kind, of: [first, ...others] };
}

/** Whether the place where tokens of an issuer are tried is none of those where they are looked for. */
function isElsewhere({ issuer, places }: KnownIssuer, { issuers }: Chosen): boolean {
  const known = issuers.find((one) => one.issuer === issuer);
  return known !== undefined && places.length > 0 && !places.some((place) => textOfValue(place) === textOfValue(known.place));
}

/** That the token of an issuer is what it is. */
function tokenStates(issuer: string, token: CarriedToken | undefined): readonly (readonly [Formula, boolean])[] {
  const dimension: TokenDimension = { kind: 'token', issuer };
  const is = (state: 'valid' | 'invalid'): Formula => ({ kind: 'token', dimension, is: state });
  const isOfIt = token?.issuer === issuer;
  if (isOfIt) return [[is(token.isValid ? 'valid' : 'invalid'), true]];
  return [
    [is('valid'), false],
    [is('invalid'), false],
  ];
}

/** The parts that formulas look at, each once. */
function dimensionsOf(formulas: readonly Formula[]): readonly Dimension[] {
  const found = new Map<string, Dimension>();
  const visit = (formula: Formula): void => {
    if (formula.kind === 'not') visit(formula.of);
    else if (formula.kind === 'all' || formula.kind === 'any') formula.of.forEach(visit);
    else if ('dimension' in formula) found.set(textOfValue(formula.dimension), formula.dimension);
  };
  formulas.forEach(visit);
  return [...found.values()];
}

/** The same text for scenes that formulas cannot tell apart. */
function sceneKey(dimensions: readonly Dimension[], scene: Scene, { address, token }: Chosen): string {
  return textOfValue(
    dimensions.map((dimension): unknown => {
      if (dimension.kind === 'token' || dimension.kind === 'assumed') return '';
      if (isOfPort(dimension)) return scene.port(dimension.kind);
      if (isOfAddress(dimension)) {
        const { ip, forwarded } = scene.address(dimension.kind);
        const own = forwarded?.otherwise ?? ip;
        return [own === address ? '' : own, forwarded && [forwarded.skip, askedKey(forwarded.list)]];
      }
      const source = scene.text(dimension);
      // What cannot be traced back is asked of the value that it has now.
      return isTraced(source) ? askedKey(source) : [askedKey(source), token];
    }),
  );
}

function isOfPort(dimension: Dimension): dimension is PortDimension {
  return dimension.kind === 'destinationPort' || dimension.kind === 'sourcePort';
}

function isOfAddress(dimension: Dimension): dimension is AddressDimension {
  return ['destinationAddress', 'sourceAddress', 'remoteAddress'].includes(dimension.kind);
}

function isTraced(source: TextSource): boolean {
  switch (source.kind) {
    case 'request':
    case 'constant':
      return true;
    case 'or else':
    case 'in place':
    case 'replaced':
      return isTraced(source.of);
    case 'list':
    case 'made':
    case 'token':
      return false;
    default:
      return assertNever(source);
  }
}
