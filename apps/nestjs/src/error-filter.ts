import type { ServerResponse } from "node:http";
import { errorReply, HttpError } from "@authmodes/app-shared";
import type { ErrorFormat } from "@authmodes/nestjs";
import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from "@nestjs/common";

/** Answers errors that are not about credentials. */
@Catch()
export class ShopErrorFilter implements ExceptionFilter {
  readonly #format: ErrorFormat;

  constructor(format: ErrorFormat) {
    this.#format = format;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    if (response.headersSent) return;
    const known = error instanceof NotFoundException ? new HttpError(404, "There is no such route") : error;
    const { status, headers, body } = errorReply(known, this.#format);
    response.writeHead(status, headers).end(body);
  }
}
