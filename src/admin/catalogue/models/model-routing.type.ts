import { Field, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { FallbackTrigger, ModelRouting, RoutingStrategy } from '../../../channels/model-routing.js';
import { Allow } from '../../graphql/allow.decorator.js';

/** {@link RoutingStrategy} in the schema. */
export const RoutingStrategyEnum = {
  WEIGHTED: 'weighted',
  FASTEST: 'fastest',
  CHEAPEST: 'cheapest',
  BALANCED: 'balanced',
} as const satisfies Readonly<Record<string, RoutingStrategy>>;

registerEnumType(RoutingStrategyEnum, {
  name: 'RoutingStrategy',
  description: 'How a channel is chosen among those of one priority.',
  valuesMap: {
    WEIGHTED: { description: 'A draw by weight.' },
    FASTEST: { description: 'Of two drawn the one that gives its first token sooner, as far as its load allows.' },
    CHEAPEST: { description: 'The one that costs least to buy from, reads of its prompt cache included.' },
    BALANCED: { description: 'By a score of speed, cost, failures and load.' },
  },
});

/** {@link FallbackTrigger} in the schema. */
export const FallbackTriggerEnum = {
  UNAVAILABLE: 'unavailable',
  RATE_LIMITED: 'rate_limited',
  CONTEXT_LENGTH: 'context_length',
  CONTENT_REFUSED: 'content_refused',
  UNSUPPORTED_OPTION: 'unsupported_option',
} as const satisfies Readonly<Record<string, FallbackTrigger>>;

registerEnumType(FallbackTriggerEnum, {
  name: 'FallbackTrigger',
  description: 'Why a fallback model may be asked.',
  valuesMap: {
    UNAVAILABLE: { description: 'No channel of the model is left: all of them are broken, silent or resting.' },
    RATE_LIMITED: { description: 'All channels of the model ask to wait.' },
    CONTEXT_LENGTH: { description: 'The prompt is too long for the model.' },
    CONTENT_REFUSED: { description: 'A content policy refused the request.' },
    UNSUPPORTED_OPTION: { description: 'No channel of the model can honour an option of the request.' },
  },
});

/** {@link ModelRouting.rescue} in the schema. */
export const StreamRescueEnum = { RESUME: 'resume', ERROR: 'error' } as const;

registerEnumType(StreamRescueEnum, {
  name: 'StreamRescue',
  description: 'What happens to a stream that breaks after its first token.',
  valuesMap: {
    RESUME: {
      description: 'It goes on at another channel where the text can be proved to fit, and ends in an error elsewhere.',
    },
    ERROR: { description: 'It ends in an error.' },
  },
});

/** Another model that serves when the first cannot; in and out. */
@ObjectType('ModelFallback', { description: 'Another model that serves when the first cannot.' })
@InputType('ModelFallbackInput', { description: 'Another model that serves when the first cannot.' })
@Allow('channels:read')
export class ModelFallbackType {
  @Field(() => String, { description: 'Its public name. It need not exist yet.' })
  model!: string;

  @Field(() => [FallbackTriggerEnum], {
    nullable: true,
    description: 'Why it may be asked; null for UNAVAILABLE, RATE_LIMITED and CONTEXT_LENGTH.',
  })
  on?: FallbackTrigger[] | null;
}

/** Bounds on one attempt; in and out. */
@ObjectType('ModelDeadlines', { description: "Bounds on one attempt, in milliseconds; null for the hub's own." })
@InputType('ModelDeadlinesInput', {
  description: "Bounds on one attempt, in milliseconds, from 1 to 86,400,000; what is left out is the hub's own.",
})
@Allow('channels:read')
export class ModelDeadlinesType {
  @Field(() => Int, { nullable: true, description: 'Name, TCP and TLS together.' })
  connectMs?: number | null;

  @Field(() => Int, { nullable: true, description: 'From sending to the head of a streamed answer.' })
  firstByteMs?: number | null;

  @Field(() => Int, { nullable: true, description: 'From sending to the first content of a streamed answer.' })
  firstTokenMs?: number | null;

  @Field(() => Int, { nullable: true, description: 'From sending to a whole answer, which comes when it is complete.' })
  wholeMs?: number | null;

  @Field(() => Int, { nullable: true, description: 'Silence inside an answer.' })
  gapMs?: number | null;

  @Field(() => Int, { nullable: true, description: 'From the first attempt of a request to the end of the last.' })
  totalMs?: number | null;
}

/** What a model can do, as far as an operator says; in and out. */
@ObjectType('ModelCapabilities', {
  description: 'What a model can do, in place of what the hub knows of it; null where nothing is said.',
})
@InputType('ModelCapabilitiesInput', {
  description: 'What a model can do, in place of what the hub knows of it. Requests go only to what can honour them.',
})
@Allow('channels:read')
export class ModelCapabilitiesType {
  @Field(() => Int, { nullable: true, description: 'Prompt and answer together, in tokens.' })
  contextTokens?: number | null;

  @Field(() => Int, { nullable: true, description: 'The longest answer, in tokens.' })
  outputTokensMax?: number | null;

  @Field(() => Boolean, { nullable: true, description: 'Calls of functions.' })
  tools?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Pictures in the prompt.' })
  vision?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Sound in the prompt.' })
  audioInput?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Files such as PDF in the prompt.' })
  fileInput?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Answers by a schema.' })
  jsonSchema?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: '`reasoning_effort` means something to it.' })
  reasoning?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Several choices at once.' })
  choices?: boolean | null;

  @Field(() => [String], { nullable: true, description: 'Sizes of pictures that it makes, such as 1024x1024.' })
  imageSizes?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Day of its announced end, such as 2026-12-01.' })
  retiresOn?: string | null;
}

/** How the requests of a model are routed and rescued; in and out. */
@ObjectType('ModelRouting', {
  description: 'How the requests of a model are routed and rescued; null where it is by default.',
})
@InputType('ModelRoutingInput', {
  description: 'How the requests of a model are routed and rescued; what is left out is by default.',
})
@Allow('channels:read')
export class ModelRoutingType {
  @Field(() => RoutingStrategyEnum, {
    nullable: true,
    description: 'How a channel is chosen among those of one priority; by default WEIGHTED.',
  })
  strategy?: RoutingStrategy | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Requests of one conversation stay with the channel that has their prompt in its cache; by default true.',
  })
  sticky?: boolean | null;

  @Field(() => [ModelFallbackType], {
    nullable: true,
    description: 'Models that are asked in this order when no channel of this one is left; at most 16.',
  })
  fallbacks?: ModelFallbackType[] | null;

  @Field(() => StreamRescueEnum, {
    nullable: true,
    description: 'What happens to a stream that breaks after its first token; by default RESUME.',
  })
  rescue?: ModelRouting['rescue'] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'A request that one content policy refused is brought before the next channel; by default false.',
  })
  retryContentPolicy?: boolean | null;

  @Field(() => ModelDeadlinesType, { nullable: true, description: 'Bounds on one attempt.' })
  deadlines?: ModelDeadlinesType | null;

  @Field(() => ModelCapabilitiesType, { nullable: true, description: 'What the model can do.' })
  capabilities?: ModelCapabilitiesType | null;
}
