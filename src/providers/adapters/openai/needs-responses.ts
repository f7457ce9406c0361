import type { ChatRequest } from '../../canonical/chat.js';

/** Served on /responses and nowhere else. */
const ONLY_THERE = /^(?:o1-pro|o3-pro|gpt-5[\d.]*-pro|gpt-5[\d.]*-codex|codex-|computer-use-)|-deep-research/;
/** From gpt-5.6 on, function tools together with reasoning are taken on /responses only, and reasoning is the default. */
const TOOLS_THERE = /^gpt-(?:5\.(?:[6-9]|\d{2})|[6-9]|\d{2})/;
/** The same, but with reasoning only when it is asked for. */
const TOOLS_THERE_WHEN_ASKED = /^gpt-5\.[45]/;
/** Of these, models whose reasoning cannot be switched off, so that no request with tools is left for chat/completions. */
const ALWAYS_REASONS = /^gpt-6(?:-astra|\.\d)/;

/**
 * Whether OpenAI serves a request on /responses only: some models are nowhere else, and newer ones refuse function tools on
 * chat/completions with a 400 that names `reasoning_effort` unless that is `none`, which the largest of them do not have (deployment
 * checklist of OpenAI, November 2026; for gpt-5.4 as users report it, such as pipecat-ai/pipecat#4043).
 */
export function needsResponses(upstreamModel: string, request: ChatRequest): boolean {
  if (ONLY_THERE.test(upstreamModel)) return true;
  const { tools, reasoning_effort: effort } = request.source.value;
  if (!Array.isArray(tools) || tools.length === 0 || upstreamModel.includes('-chat')) return false;
  if (TOOLS_THERE.test(upstreamModel)) return effort !== 'none' || ALWAYS_REASONS.test(upstreamModel);
  return TOOLS_THERE_WHEN_ASKED.test(upstreamModel) && typeof effort === 'string' && effort !== 'none';
}
