import type { ChatRequest } from '../../canonical/chat.js';

/** Served on /responses and nowhere else. */
const ONLY_THERE = /^(?:o1-pro|o3-pro|gpt-5[\d.]*-pro|gpt-5[\d.]*-codex|codex-|computer-use-)|-deep-research/;
/** From gpt-5.6 on, function tools together with reasoning are taken on /responses only. */
const TOOLS_THERE = /^gpt-(?:5\.(?:[6-9]|\d{2})|[6-9]|\d{2})/;
/** Of these, models whose reasoning cannot be switched off, so that no request with tools is left for chat/completions. */
const ALWAYS_REASONS = /^gpt-6(?:-astra|\.\d)/;

/**
 * Whether OpenAI serves a request on /responses only: some models are nowhere else, and newer ones refuse function tools on
 * chat/completions with a 400 that names `reasoning_effort` unless that is `none`, which the largest of them do not have (deployment
 * checklist of OpenAI, November 2026).
 */
export function needsResponses(upstreamModel: string, request: ChatRequest): boolean {
  if (ONLY_THERE.test(upstreamModel)) return true;
  if (!TOOLS_THERE.test(upstreamModel) || upstreamModel.includes('-chat')) return false;
  const { tools, reasoning_effort } = request.source.value;
  if (!Array.isArray(tools) || tools.length === 0) return false;
  return reasoning_effort !== 'none' || ALWAYS_REASONS.test(upstreamModel);
}
