import type { Type } from "@nestjs/common";

// Where Nest keeps what parameter decorators say.
const parametersKey = "__routeArguments__";
const passthroughKey = "__responsePassthrough__";
const responseOrNext = /^[12]:/;

/** Whether a route takes `@Res()` or `@Next()`, so that Nest leaves the answer to it. */
export function answersByItself(type: Type, method: string): boolean {
  const parameters = Reflect.getMetadata(parametersKey, type, method) as object | undefined;
  const taken = Object.keys(parameters ?? {}).some((key) => responseOrNext.test(key));
  return taken && Reflect.getMetadata(passthroughKey, type, method) !== true;
}
