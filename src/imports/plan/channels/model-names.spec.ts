import { describe, expect, it } from '@jest/globals';
import { bedrockNameOf, vertexNameOf } from './model-names.js';

describe('the name of a model on Bedrock', () => {
  it.each([
    ['claude-3-5-sonnet-20240620', 'us-east-1', 'us.anthropic.claude-3-5-sonnet-20240620-v1:0'],
    ['claude-3-5-sonnet-20241022', 'us-west-2', 'us.anthropic.claude-3-5-sonnet-20241022-v2:0'],
    ['claude-3-5-sonnet-20241022', 'eu-west-1', 'anthropic.claude-3-5-sonnet-20241022-v2:0'],
    ['claude-sonnet-4-5-20250929', 'ap-northeast-1', 'apac.anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['claude-opus-4-1-20250805', 'eu-central-1', 'anthropic.claude-opus-4-1-20250805-v1:0'],
    ['claude-opus-4-20250514', 'us-east-1', 'us.anthropic.claude-opus-4-20250514-v1:0'],
    ['claude-haiku-4-5-20251001', 'eu-west-1', 'eu.anthropic.claude-haiku-4-5-20251001-v1:0'],
    ['claude-opus-4-6', 'us-east-1', 'us.anthropic.claude-opus-4-6-v1'],
    ['claude-sonnet-4-6', 'eu-west-1', 'eu.anthropic.claude-sonnet-4-6'],
    ['nova-pro-v1:0', 'us-east-1', 'us.amazon.nova-pro-v1:0'],
    ['nova-pro-v1:0', 'ap-south-1', 'amazon.nova-pro-v1:0'],
    // An id of the service itself is asked for by its inference profile as well.
    ['anthropic.claude-sonnet-4-20250514-v1:0', 'us-east-1', 'us.anthropic.claude-sonnet-4-20250514-v1:0'],
    ['anthropic.claude-3-5-sonnet-20241022-v2:0', 'us-east-1', 'us.anthropic.claude-3-5-sonnet-20241022-v2:0'],
    ['amazon.nova-lite-v1:0', 'eu-west-1', 'eu.amazon.nova-lite-v1:0'],
    ['claude-sonnet-4-5-20250929', 'sa-east-1', 'anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['us.anthropic.claude-sonnet-4-20250514-v1:0', 'us-east-1', 'us.anthropic.claude-sonnet-4-20250514-v1:0'],
    ['arn:aws:bedrock:us-east-1:1:x/y', 'us-east-1', 'arn:aws:bedrock:us-east-1:1:x/y'],
    ['claude-of-tomorrow', 'us-east-1', 'claude-of-tomorrow'],
  ])('%s in %s is %s, as new-api asks for it', (name, region, expected) => {
    expect(bedrockNameOf(name, region, true)).toBe(expected);
  });

  it.each([
    ['claude-instant-1.2', 'anthropic.claude-instant-v1'],
    ['claude-2.0', 'anthropic.claude-v2'],
    ['claude-2.1', 'anthropic.claude-v2:1'],
    ['claude-3-5-sonnet-latest', 'anthropic.claude-3-5-sonnet-20241022-v2:0'],
    ['claude-3-haiku-20240307', 'anthropic.claude-3-haiku-20240307-v1:0'],
    ['llama3-70b-8192', 'meta.llama3-70b-instruct-v1:0'],
  ])('%s is %s without a profile, as one-api asks for it', (name, expected) => {
    expect(bedrockNameOf(name, 'us-east-1', false)).toBe(expected);
  });
});

describe('the name of a model on Vertex AI', () => {
  it.each([
    ['claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-v2@20241022'],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5@20250929'],
    ['claude-opus-4@20250514', 'claude-opus-4@20250514'],
    ['claude-sonnet-4-6', 'claude-sonnet-4-6'],
    ['gemini-2.5-pro', 'gemini-2.5-pro'],
  ])('%s is %s', (name, expected) => {
    expect(vertexNameOf(name)).toBe(expected);
  });
});
