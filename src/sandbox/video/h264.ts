import { BitWriter } from './bit-writer.js';

/** Side of a macroblock, in pixels. */
export const BLOCK = 16;
/**
 * At this quantiser a level of a luma DC coefficient changes a block by exactly one, and one of a chroma DC coefficient by two
 * (ITU-T H.264, 8.5.10 and 8.5.11).
 */
const QUANTISER = 28;
const PROFILE_BASELINE = 66;
/** 4.0: up to 1920x1080. */
const LEVEL = 40;
const NAL_PICTURE = 0x65;
const NAL_SEQUENCE = 0x67;
const NAL_PARAMETERS = 0x68;
/** mb_type of Intra_16x16 with DC prediction, without and with chroma coefficients (table 7-11). */
const MB_PLAIN = 3;
const MB_TINTED = 7;
const GREY = 128;

/** Parameter sets of a video, and what a player is told of them. */
export interface Parameters {
  readonly sequence: Buffer;
  readonly picture: Buffer;
  readonly profile: number;
  readonly level: number;
}

/** Writes the parameter sets of a video of this size; both sides must be even. */
export function writeParameters(width: number, height: number): Parameters {
  const sequence = new BitWriter();
  // Baseline without arbitrary slice order, which every player takes: constraint_set0 and constraint_set1.
  for (const byte of [PROFILE_BASELINE, 0b1100_0000, LEVEL]) sequence.bits(byte, 8);
  sequence.unsigned(0); // seq_parameter_set_id
  sequence.unsigned(0); // log2_max_frame_num_minus4
  sequence.unsigned(2); // pic_order_cnt_type: shown in the order in which they come
  sequence.unsigned(0); // max_num_ref_frames: every picture stands alone
  sequence.bits(0, 1); // gaps_in_frame_num_value_allowed_flag
  const [across, down] = [blocks(width), blocks(height)];
  sequence.unsigned(across - 1);
  sequence.unsigned(down - 1);
  sequence.bits(0b11, 2); // frame_mbs_only_flag, direct_8x8_inference_flag
  const [right, bottom] = [across * BLOCK - width, down * BLOCK - height];
  sequence.bits(right + bottom > 0 ? 1 : 0, 1); // frame_cropping_flag
  if (right + bottom > 0) for (const pixels of [0, right, 0, bottom]) sequence.unsigned(pixels / 2);
  sequence.bits(0, 1); // vui_parameters_present_flag
  const picture = new BitWriter();
  picture.unsigned(0); // pic_parameter_set_id
  picture.unsigned(0); // seq_parameter_set_id
  picture.bits(0, 2); // entropy_coding_mode_flag: CAVLC; bottom_field_pic_order_in_frame_present_flag
  picture.unsigned(0); // num_slice_groups_minus1
  picture.unsigned(0); // num_ref_idx_l0_default_active_minus1
  picture.unsigned(0); // num_ref_idx_l1_default_active_minus1
  picture.bits(0, 3); // weighted_pred_flag, weighted_bipred_idc
  picture.signed(QUANTISER - 26); // pic_init_qp_minus26
  picture.signed(0); // pic_init_qs_minus26
  picture.signed(0); // chroma_qp_index_offset
  picture.bits(0, 3); // deblocking_filter_control_present_flag, constrained_intra_pred_flag, redundant_pic_cnt_present_flag
  return {
    sequence: toUnit(NAL_SEQUENCE, sequence.end()),
    picture: toUnit(NAL_PARAMETERS, picture.end()),
    profile: PROFILE_BASELINE,
    level: LEVEL,
  };
}

/** What a picture shows. */
export interface Painting {
  readonly width: number;
  readonly height: number;
  /** Tint, in steps of two around grey. */
  readonly blue: number;
  readonly red: number;
  /** Brightness, from 16 to 235, of the macroblock in this column and row. */
  lumaAt(column: number, row: number): number;
}

/** Writes one picture that stands alone. @param index of the picture; neighbours must differ in it. */
export function writePicture(painting: Painting, index: number): Buffer {
  const out = new BitWriter();
  out.unsigned(0); // first_mb_in_slice
  out.unsigned(7); // slice_type: I, as all of the picture
  out.unsigned(0); // pic_parameter_set_id
  out.bits(0, 4); // frame_num
  out.unsigned(index % 65_536); // idr_pic_id
  out.bits(0, 2); // no_output_of_prior_pics_flag, long_term_reference_flag
  out.signed(0); // slice_qp_delta
  const [across, down] = [blocks(painting.width), blocks(painting.height)];
  let above: number[] = [];
  for (let row = 0; row < down; row++) {
    const line: number[] = [];
    for (let column = 0; column < across; column++) {
      const luma = painting.lumaAt(column, row);
      const isFirst = row + column === 0;
      out.unsigned(isFirst ? MB_TINTED : MB_PLAIN);
      out.unsigned(0); // intra_chroma_pred_mode: DC, which carries the tint of the first block on to all others
      out.signed(0); // mb_qp_delta
      writeCoefficient(out, luma - predict(line[column - 1], above[column]), LUMA_CODES);
      if (isFirst) {
        writeCoefficient(out, painting.blue, CHROMA_CODES);
        writeCoefficient(out, painting.red, CHROMA_CODES);
      }
      line.push(luma);
    }
    above = line;
  }
  return toUnit(NAL_PICTURE, out.end());
}

function blocks(pixels: number): number {
  return Math.ceil(pixels / BLOCK);
}

/** DC prediction of a block whose neighbours are of one brightness each (8.3.3.3). */
function predict(left: number | undefined, above: number | undefined): number {
  if (left !== undefined && above !== undefined) return (left + above + 1) >> 1;
  return left ?? above ?? GREY;
}

/** coeff_token for no coefficient, for one of 1 or -1, and for one of another level, as [bits, count] (table 9-5). */
type TokenCodes = readonly (readonly [bits: number, count: number])[];
const LUMA_CODES: TokenCodes = [
  [0b1, 1],
  [0b01, 2],
  [0b000101, 6],
];
const CHROMA_CODES: TokenCodes = [
  [0b01, 2],
  [0b1, 1],
  [0b000111, 6],
];

/** A block whose only coefficient, if any, is the first one (9.2). */
function writeCoefficient(out: BitWriter, level: number, codes: TokenCodes): void {
  const kind = Math.min(Math.abs(level), 2);
  const [bits, count] = codes[kind] ?? [0, 0];
  out.bits(bits, count);
  if (kind === 0) return;
  if (kind === 1) out.bits(level < 0 ? 1 : 0, 1);
  else writeLevel(out, 2 * Math.abs(level) - (level < 0 ? 3 : 4));
  out.bits(1, 1); // total_zeros: none before it
}

/** level_prefix and level_suffix at suffixLength 0 (9.2.2.1). */
function writeLevel(out: BitWriter, code: number): void {
  if (code < 14) out.bits(1, code + 1);
  else if (code < 30) {
    out.bits(1, 15);
    out.bits(code - 14, 4);
  } else {
    out.bits(1, 16);
    out.bits(code - 30, 12);
  }
}

/** A NAL unit: no three bytes inside may look like the start of the next one (7.4.1). */
function toUnit(type: number, payload: Buffer): Buffer {
  const bytes = [type];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros === 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(bytes);
}
