/// All lexicons, by NSID: the NSID and the JSON text.
pub static DOCUMENTS: &[(&str, &str)] = &[];
