import type { ImagesOperation } from '../../provider.js';
import { fromGeminiPicture, toGeminiPicture } from './gemini-pictures.js';
import { fromImagenBody, IMAGEN_OPTIONS, isImagen, toImagenBody } from './imagen.js';

/**
 * Pictures of Google's models: of Gemini by generateContent, of Imagen by predict.
 * @param pathTo where a method of a model is.
 */
export function googleImages(pathTo: (upstreamModel: string, method: string) => string): ImagesOperation {
  return {
    path: ({ upstreamModel }) => pathTo(upstreamModel, isImagen(upstreamModel) ? 'predict' : 'generateContent'),
    options: IMAGEN_OPTIONS,
    toBody: (request, target) =>
      isImagen(target.upstreamModel) ? toImagenBody(request, target) : toGeminiPicture(request, target),
    fromBody: (body, _request, { upstreamModel }) =>
      isImagen(upstreamModel) ? fromImagenBody(body) : fromGeminiPicture(body),
  };
}
