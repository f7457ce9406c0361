import type { FastifyReply } from 'fastify';
import type { JsonAnswer } from './relay-answer.js';

/** Sends a whole answer with status 200. */
export function sendJson(reply: FastifyReply, answer: JsonAnswer): void {
  reply.status(200).headers(answer.headers).header('content-type', 'application/json').send(answer.body);
}
