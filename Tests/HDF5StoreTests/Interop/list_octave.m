% Lists a file as Octave reads it: octave-cli list_octave.m pairs.h5 listing.txt
% Octave has no attributes, and takes a name that is no identifier for another.
1;

function walk(output, path, value)
  if isstruct(value)
    for [member, name] = value
      walk(output, [path "/" name], member);
    endfor
  elseif ischar(value)
    strings = cell(1, size(value, 1));
    for i = 1:size(value, 1)
      % Padded with blanks to the longest.
      strings{i} = deblank(value(i, :));
    endfor
    fprintf(output, "%s\ttext\t%s\n", path, strjoin(strings, char(31)));
  else
    numbers = arrayfun(@(x) sprintf("%.17g", x), double(value(:))', "UniformOutput", false);
    fprintf(output, "%s\tnumber\t%s\n", path, strjoin(numbers, char(31)));
  endif
endfunction

given = argv();
content = load("-hdf5", given{end - 1});
output = fopen(given{end}, "w");
walk(output, "", content);
fclose(output);
printf("%s\n", OCTAVE_VERSION);
