/** Asks the user, at a terminal or in a test. */
export interface Asker {
  select<T extends string>(question: Question<T>): Promise<T>;
  checkbox<T extends string>(question: Question<T>): Promise<readonly T[]>;
  input(question: { readonly message: string; readonly default?: string } & Checked): Promise<string>;
  confirm(question: { readonly message: string; readonly default?: boolean }): Promise<boolean>;
  /** Hides what is typed. */
  password(question: { readonly message: string }): Promise<string>;
}

interface Question<T extends string> {
  readonly message: string;
  readonly choices: readonly Choice<T>[];
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly name: string;
  readonly checked?: boolean;
}

interface Checked {
  /** Returns why an answer is not valid. */
  readonly validate?: (answer: string) => true | string;
}

// Loaded at the first question, because most commands ask none.
const prompts = () => import("@inquirer/prompts");

export const terminal: Asker = {
  select: async (question) => (await prompts()).select(question),
  checkbox: async (question) => (await prompts()).checkbox({ ...question, required: true }),
  input: async (question) => (await prompts()).input(question),
  confirm: async (question) => (await prompts()).confirm(question),
  password: async ({ message }) => (await prompts()).password({ message, mask: true }),
};
