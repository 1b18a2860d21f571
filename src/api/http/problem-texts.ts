/** The texts of each problem, in English and Spanish. A code's status is in `problems.ts`. */
import type { Language } from '../../domain/portal';

export type Text = Readonly<Record<Language, string>>;

export interface ProblemText {
  readonly title: Text;
  /** What to do about it; an `AppError` may have its own detail. */
  readonly detail: Text;
}

const text = (title: readonly [string, string], detail: readonly [string, string]): ProblemText => ({
  title: { en: title[0], es: title[1] },
  detail: { en: detail[0], es: detail[1] },
});

export const problemTexts = {
  malformed_json: text(
    ['The body is not JSON', 'El cuerpo no es JSON'],
    ['Send one JSON object, encoded as UTF-8.', 'Envíe un objeto JSON codificado en UTF-8.'],
  ),
  unauthorized: text(
    ['A valid token is needed', 'Se necesita un token válido'],
    [
      'The bearer token is missing, is for something else, or is no longer valid. Start again.',
      'El token falta, no corresponde o ya no es válido. Empiece de nuevo.',
    ],
  ),
  credentials_wrong: text(
    ['The username or the password is wrong', 'El usuario o la contraseña no son correctos'],
    [
      'Check both; passwords are case-sensitive. A forgotten password can be reset.',
      'Revise ambos; las contraseñas distinguen mayúsculas y minúsculas. Si olvidó la contraseña, puede restablecerla.',
    ],
  ),
  password_expired: text(
    ['The password has expired', 'La contraseña caducó'],
    ['Choose a new password, then sign in with it.', 'Elija una contraseña nueva e inicie sesión con ella.'],
  ),
  scope_missing: text(
    ['This API key does not have the required scope', 'Esta clave de API no tiene el permiso necesario'],
    [
      'Use a key that was created with the scope this call needs.',
      'Use una clave creada con el permiso que esta llamada necesita.',
    ],
  ),
  representative_required: text(
    ['Only the Dedicated Plan Change unit may do this', 'Solo la unidad de cambios de plan puede hacer esto'],
    [
      'Use the API key of a plan-change representative whose license is current today.',
      'Use la clave de API de un representante de cambios de plan con licencia vigente hoy.',
    ],
  ),
  role_not_allowed: text(
    ['This person’s role does not allow this', 'La función de esta persona no permite hacer esto'],
    [
      'A staff number may do what its role on the staff roster allows, with its own plan changes. Plan changes that external agents and call centers facilitate need the API key of an intake system.',
      'Un número de empleado puede hacer lo que permite su función en la lista de personal, con sus propios cambios de plan. Los cambios que gestionan agentes y centros de llamadas externos requieren la clave de API de un sistema de recepción.',
    ],
  ),
  not_found: text(
    ['Not found', 'No se encontró'],
    [
      'Check the path and the id; /docs has all calls.',
      'Revise la ruta y el identificador; /docs tiene todas las llamadas.',
    ],
  ),
  no_match: text(
    ['Nobody was found', 'No se encontró a nadie'],
    [
      'Check the names and the number or address. A previous last name works too.',
      'Revise los nombres y el número o la dirección. También sirve un apellido anterior.',
    ],
  ),
  method_not_allowed: text(
    ['This method is not available here', 'Este método no está disponible aquí'],
    ['The Allow header names the available methods.', 'La cabecera Allow indica los métodos disponibles.'],
  ),
  proof_required: text(
    ['Identity is not proved yet', 'Falta comprobar la identidad'],
    [
      'First enter the PIN from the newest email, or answer the security questions, on this page.',
      'Primero ingrese en esta página el PIN del correo más reciente o responda las preguntas de seguridad.',
    ],
  ),
  already_proved: text(
    ['Identity is already proved', 'La identidad ya está comprobada'],
    [
      'No further PIN is needed: choose a password now.',
      'No hace falta otro PIN: elija ahora una contraseña.',
    ],
  ),
  wrong_proof: text(
    ['This reset needs another kind of proof', 'Este restablecimiento requiere otro tipo de comprobación'],
    [
      'Members enter an emailed PIN, brokers answer their security questions. No try was used.',
      'Los miembros ingresan un PIN recibido por correo; los agentes responden sus preguntas de seguridad. No se descontó ningún intento.',
    ],
  ),
  already_registered: text(
    ['An account already exists', 'Ya existe una cuenta'],
    [
      'One account serves every company: sign in with it. A forgotten username or password can be recovered there.',
      'Una sola cuenta sirve para todas las compañías: inicie sesión con ella. Allí puede recuperar el usuario o la contraseña.',
    ],
  ),
  username_taken: text(
    ['This username is taken', 'Este nombre de usuario ya está en uso'],
    [
      'Choose another one; letter case makes no difference.',
      'Elija otro; no se distinguen mayúsculas y minúsculas.',
    ],
  ),
  password_not_kept: text(
    ['The password was not saved', 'La contraseña no se guardó'],
    ['Enter it again.', 'Ingrésela otra vez.'],
  ),
  plan_change_open: text(
    ['The customer has an open plan change', 'El cliente tiene un cambio de plan abierto'],
    [
      'Continue with that one (planChangeId), or withdraw it first.',
      'Continúe con ese cambio (planChangeId) o retírelo primero.',
    ],
  ),
  claimed_by_other: text(
    ['Another representative has this plan change', 'Otro representante tiene este cambio de plan'],
    [
      'Take another one, or wait until it is released. A claim ends by itself.',
      'Tome otro o espere a que se libere. La asignación termina por sí sola.',
    ],
  ),
  not_the_facilitator: text(
    ['This plan change belongs to another internal agent', 'Este cambio de plan es de otro agente interno'],
    [
      'Only the internal agent who facilitates it can complete or refer it.',
      'Solo puede completarlo o derivarlo el agente interno que lo gestiona.',
    ],
  ),
  wrong_stage: text(
    ['The plan change is at another stage', 'El cambio de plan no está en ese paso'],
    [
      'stage says which. The unit must claim a change before it completes it; a finished change stays as it is.',
      'stage indica cuál. La unidad debe tomar un cambio antes de completarlo; un cambio terminado ya no se modifica.',
    ],
  ),
  later_change_recorded: text(
    ['Another plan change took the place of this one', 'Otro cambio de plan ocupó el lugar de este'],
    [
      'For this effective date the plan change in planChangeId counts. Correct that one: once it is reversed, this one counts again.',
      'Para esta fecha vale el cambio de plan indicado en planChangeId. Corrija ese: cuando se anule, este vuelve a valer.',
    ],
  ),
  nothing_to_correct: text(
    ['There is nothing to correct', 'No hay nada que corregir'],
    [
      'With what the rosters tell today, the decision is the same. If a roster is wrong, have the right one imported, then try again.',
      'Con lo que hoy dicen las listas, la decisión es la misma. Si una lista es incorrecta, pida que se importe la correcta e inténtelo de nuevo.',
    ],
  ),
  facilitator_not_eligible: text(
    ['The facilitator is not eligible', 'Quien gestiona el cambio no cumple los requisitos'],
    [
      'The plan change is held, and nothing else has changed. Name another facilitator, or withdraw it. reason says what is missing.',
      'El cambio de plan está retenido y no se ha modificado nada más. Indique a otra persona o retírelo. reason indica lo que falta.',
    ],
  ),
  email_not_resendable: text(
    ['This kind of email cannot be sent again', 'Este tipo de correo no se puede volver a enviar'],
    [
      'PINs and reminders are sent only by their own runs. A person who needs a PIN can request a new one on the reset page.',
      'Los PIN y los recordatorios solo los envía su propio proceso. Quien necesite un PIN puede pedir uno nuevo en la página del restablecimiento.',
    ],
  ),
  email_outdated: text(
    ['It is too late for this email', 'Ya es tarde para este correo'],
    ['Its content is no longer valid.', 'Su contenido ya no es válido.'],
  ),
  email_being_sent: text(
    ['This email is being sent', 'Este correo se está enviando'],
    [
      'No action is needed: it is retried until the mail server accepts it or it is too late. The timeline shows its progress.',
      'No hace falta hacer nada: se reintenta hasta que el servidor lo acepte o sea tarde. El historial muestra su estado.',
    ],
  ),
  request_in_progress: text(
    ['The same request is still running', 'La misma solicitud sigue en curso'],
    [
      'Try again after the time in Retry-After.',
      'Vuelva a intentarlo después del tiempo indicado en Retry-After.',
    ],
  ),
  reset_expired: text(
    ['This reset is over', 'Este restablecimiento terminó'],
    ['Start again from the sign-in page.', 'Empiece de nuevo desde la página de inicio de sesión.'],
  ),
  verification_expired: text(
    ['This verification is over', 'Esta verificación terminó'],
    ['Enter the last name and the access code again.', 'Ingrese de nuevo el apellido y el código de acceso.'],
  ),
  payload_too_large: text(
    ['The body is too large', 'El cuerpo es demasiado grande'],
    ['Send at most 64 KiB.', 'Envíe como máximo 64 KiB.'],
  ),
  unsupported_media_type: text(
    ['The body must be JSON', 'El cuerpo debe ser JSON'],
    [
      'Send "Content-Type: application/json", as UTF-8 and not compressed.',
      'Envíe "Content-Type: application/json", en UTF-8 y sin comprimir.',
    ],
  ),
  invalid_fields: text(
    ['Some fields are not valid', 'Algunos campos no se pueden aceptar'],
    [
      'Each entry of errors names a field and what is wrong with it.',
      'Cada entrada de errors indica un campo y su problema.',
    ],
  ),
  pin_wrong: text(
    ['The PIN is wrong', 'Este no es el PIN'],
    ['Compare it with the newest email.', 'Compárelo con el correo más reciente.'],
  ),
  pin_superseded: text(
    ['A newer PIN was sent', 'Se envió un PIN más reciente'],
    [
      'Use the PIN from the newest email. No try was used.',
      'Use el PIN del correo más reciente. No se descontó ningún intento.',
    ],
  ),
  answers_wrong: text(
    ['The answers are wrong', 'Las respuestas no son correctas'],
    [
      'Letter case and spaces make no difference; both answers must be right.',
      'Las mayúsculas y los espacios no importan; ambas respuestas deben ser correctas.',
    ],
  ),
  access_code_refused: text(
    ['The name and the access code were not accepted', 'No se aceptaron el apellido y el código de acceso'],
    [
      'Compare both with the welcome email. The help line can issue a new access code.',
      'Compare ambos con el correo de bienvenida. En la línea de ayuda puede pedir un código nuevo.',
    ],
  ),
  not_eligible: text(
    ['This plan change is not possible', 'Este cambio de plan no es posible'],
    ['reason says why. Nothing was changed.', 'reason indica el motivo. No se ha modificado nada.'],
  ),
  password_refused: text(
    ['This password cannot be used', 'Esta contraseña no se puede usar'],
    [
      'Each entry of errors names a rule it does not meet.',
      'Cada entrada de errors indica una regla que no cumple.',
    ],
  ),
  idempotency_key_reused: text(
    ['This Idempotency-Key belongs to another request', 'Esta Idempotency-Key pertenece a otra solicitud'],
    ['Use a new key for a new request.', 'Use una clave nueva para una solicitud nueva.'],
  ),
  too_many_requests: text(
    ['Too many requests', 'Demasiadas solicitudes'],
    [
      'Wait for the time in Retry-After, then try again.',
      'Espere el tiempo indicado en Retry-After e inténtelo de nuevo.',
    ],
  ),
  password_locked: text(
    ['Too many wrong passwords in a row', 'Demasiadas contraseñas incorrectas seguidas'],
    [
      'The password is no longer accepted. Reset it, then sign in with the new one at once.',
      'La contraseña ya no se acepta. Restablézcala e inicie sesión de inmediato con la nueva.',
    ],
  ),
  reset_exhausted: text(
    ['No tries are left', 'No quedan intentos'],
    ['Try again later, or call the help line.', 'Inténtelo más tarde o llame a la línea de ayuda.'],
  ),
  resend_too_soon: text(
    ['A new PIN cannot be sent yet', 'Todavía no se puede enviar otro PIN'],
    [
      'Wait for the time in Retry-After; the last email may still be on its way.',
      'Espere el tiempo indicado en Retry-After; el último correo puede estar en camino.',
    ],
  ),
  internal: text(
    ['Something went wrong on our side', 'Algo falló de nuestro lado'],
    [
      'Try again; if it happens again, report the X-Request-Id of this answer.',
      'Inténtelo de nuevo; si continúa, comunique el X-Request-Id de esta respuesta.',
    ],
  ),
  unavailable: text(
    ['The service is temporarily unavailable', 'El servicio no puede responder en este momento'],
    [
      'Nothing is lost. Try again after the time in Retry-After.',
      'No se ha perdido nada. Inténtelo después del tiempo indicado en Retry-After.',
    ],
  ),
} as const satisfies Record<string, ProblemText>;

/** Why a plan change cannot be corrected at its stage: details of `wrong_stage`, by `reason`. */
export const correctionTexts = {
  'still-open': {
    en: 'Only a completed plan change is corrected. This one is open: withdraw it, or complete it first.',
    es: 'Solo se corrige un cambio de plan completado. Este está abierto: retírelo o complételo primero.',
  },
  'never-completed': {
    en: 'Only a completed plan change is corrected. This one ended without being completed, so nothing came of it.',
    es: 'Solo se corrige un cambio de plan completado. Este terminó sin completarse y no tuvo ningún efecto.',
  },
  'already-reversed': {
    en: 'This plan change has been reversed. If the customer wants it after all, take in a new one.',
    es: 'Este cambio de plan ya se anuló. Si el cliente lo quiere de todos modos, registre uno nuevo.',
  },
  'too-old': {
    en: 'Its effective date is too long ago for a reversal. Take in a new plan change instead.',
    es: 'Su fecha de inicio es demasiado antigua para anularlo. Registre en su lugar un cambio de plan nuevo.',
  },
} as const satisfies Record<string, Text>;
