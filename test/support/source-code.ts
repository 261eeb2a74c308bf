import { resolve } from 'node:path';
import type { Node, SourceFile } from 'typescript/unstable/ast';
import {
  isBinaryExpression,
  isCallExpression,
  isDeleteExpression,
  isElementAccessExpression,
  isIdentifier,
  isPropertyAccessExpression,
  isRegularExpressionLiteral,
  isSpreadElement,
  isSwitchStatement,
  isTypeOfExpression,
  isTypeReferenceNode,
} from 'typescript/unstable/ast/is';
import { API, type Checker } from 'typescript/unstable/sync';

/** What the rules of the house ask about the program's own text, with the types that the compiler finds. */

const root = resolve(import.meta.dirname, '../..');

/** A place in the program: `src/file.ts:line: what stands there`. */
export type Place = string;

/** What the source of the program has, for rules about it. */
export interface SourceFacts {
  /** Uses of `RegExp` that are no types: something that makes an expression of a text. */
  readonly madeExpressions: readonly Place[];
  /** Texts that are handed to a method which makes an expression of them. */
  readonly textsAsExpressions: readonly Place[];
  /** Members of objects that are asked for, set or tested by a text that is not known to be one of their names. */
  readonly membersByText: readonly Place[];
  /** Lists that are spread into the arguments of a call which adds or compares them: a call has room for some ten thousand. */
  readonly spreadLists: readonly Place[];
  /** Switches over a union that do not end in `assertNever`, so that a new member of the union would go a way that nobody chose. */
  readonly openSwitches: readonly Place[];
  /** The expressions in the source. */
  readonly expressions: readonly { readonly literal: string; readonly place: Place }[];
}

/** Reads the source. */
export function readSource(): SourceFacts {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProject: resolve(root, 'tsconfig.json') }).getProjects();
    if (project === undefined) throw new Error('no project');
    const facts = {
      madeExpressions: [] as Place[],
      textsAsExpressions: [] as Place[],
      membersByText: [] as Place[],
      spreadLists: [] as Place[],
      openSwitches: [] as Place[],
      expressions: [] as { literal: string; place: Place }[],
    };
    for (const name of project.program.getSourceFileNames()) {
      const file = name.startsWith(`${root}/src/`) ? project.program.getSourceFile(name) : undefined;
      if (file === undefined) continue;
      const visit = (node: Node): void => {
        const place = (): Place => placeOf(file, node);
        if (isRegularExpressionLiteral(node)) facts.expressions.push({ literal: node.text, place: place() });
        if (isMadeExpression(node)) facts.madeExpressions.push(place());
        if (isTextAsExpression(node, project.checker)) facts.textsAsExpressions.push(place());
        if (isMemberByText(node, project.checker)) facts.membersByText.push(place());
        if (isOpenSwitch(node, project.checker)) facts.openSwitches.push(place());
        if (isSpreadList(node)) facts.spreadLists.push(place());
        node.forEachChild(visit);
      };
      visit(file);
    }
    return facts;
  } finally {
    api.close();
  }
}

function placeOf(file: SourceFile, node: Node): Place {
  const start = node.getStart(file);
  const line = file.text.slice(0, start).split('\n').length;
  return `${file.fileName.slice(root.length + 1)}:${line}: ${file.text.slice(start, node.end).replaceAll(/\s+/g, ' ')}`;
}

function isMadeExpression(node: Node): boolean {
  if (!isIdentifier(node) || (node.text !== 'RegExp' && node.text !== 'constructor')) return false;
  return !isTypeReferenceNode(node.parent);
}

const makers = new Set(['match', 'matchAll', 'search']);

function isTextAsExpression(node: Node, checker: Checker): boolean {
  if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return false;
  const [argument] = node.arguments;
  if (argument === undefined || !makers.has(node.expression.name.text)) return false;
  return typeOf(argument, checker) !== 'RegExp' && isText(node.expression.expression, checker);
}

function isMemberByText(node: Node, checker: Checker): boolean {
  if (isElementAccessExpression(node)) return isText(node.argumentExpression, checker) && !isDeleteExpression(node.parent);
  return isBinaryExpression(node) && node.operatorToken.getText() === 'in' && isText(node.left, checker);
}

const listCalls = new Set(['push', 'unshift', 'max', 'min', 'fromCharCode', 'fromCodePoint']);

function isSpreadList(node: Node): boolean {
  if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return false;
  return listCalls.has(node.expression.name.text) && node.arguments.some(isSpreadElement);
}

function isOpenSwitch(node: Node, checker: Checker): boolean {
  if (!isSwitchStatement(node) || isTypeOfExpression(node.expression)) return false;
  if (!isUnionOfNames(node.expression, checker)) return false;
  return !/\bdefault:\s*(return )?assertNever\([^)]*\);\s*\}$/.test(node.getText());
}

/** Whether a value is one of several texts that are known. */
function isUnionOfNames(node: Node, checker: Checker): boolean {
  const type = checker.getTypeAtLocation(node);
  return type?.isUnionType() === true && type.getTypes().every((part) => part.isStringLiteralType());
}

/** Whether a value can be any text; the keys of generic types count as known. */
function isText(node: Node, checker: Checker): boolean {
  return typeOf(node, checker)
    .split(' | ')
    .some((part) => part === 'string' || (part.startsWith('`') && couldBeInherited(part)));
}

function typeOf(node: Node, checker: Checker): string {
  const type = checker.getTypeAtLocation(node);
  return type === undefined ? 'unknown' : checker.typeToString(type);
}

/** Whether a text of a template's type can be a name that every object has. */
function couldBeInherited(template: string): boolean {
  const fixed = template.slice(1, -1).split(/\$\{[^}]*\}/);
  return Object.getOwnPropertyNames(Object.prototype).some(
    (name) => name.startsWith(fixed[0] ?? '') && name.endsWith(fixed.at(-1) ?? '') && fixed.every((part) => name.includes(part)),
  );
}
