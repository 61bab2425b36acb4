/** @throws TypeError with the line of the file, counted from 1 */
export function fail(line: number, sentence: string): never {
  throw new TypeError(`fromAmplify(): line ${line}: ${sentence}`);
}
