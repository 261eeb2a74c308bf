/** Some of the names of a list, at most so many, and how many there are beyond. */
export function nameWords(names: readonly string[], most: number): string {
  const others = names.length - most;
  if (others > 0) return `${names.slice(0, most).join(', ')} and ${others} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** The same as the subject of a sentence, with its verb: as it is for one and for several, who do it together where all are named. */
export function subjectWords(names: readonly string[], most: number, one: string, several: string): string {
  const verb = names.length < 2 ? one : names.length > most ? several : `together ${several}`;
  return `${nameWords(names, most)} ${verb}`;
}
